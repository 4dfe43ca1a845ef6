using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;
using Google.Protobuf;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>CloudEvents as their HTTP binding has them, and what becomes of requests that hold good and bad events.</summary>
public sealed class CloudEventTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    private const string Payment = """{"amount": 12.50, "occurred_at": "2026-01-01T10:00:00Z"}""";

    [Fact]
    public async Task An_event_in_binary_mode_has_its_attributes_in_headers_and_its_data_as_it_comes()
    {
        var (status, appended) = await PostBinaryAsync(Payment, ("ce-id", "b-1"), ("ce-source", "/till/7"), ("ce-type", "PaymentAuthorised"), ("ce-subject", "card-%C3%A9t%C3%A9"), ("ce-correlationid", "c-9"), ("ce-priority", "bulk"));

        status.ShouldBe(HttpStatusCode.OK, appended.ToString());
        appended.GetProperty("correlationId").GetString().ShouldBe("c-9");
        var recorded = await payments.System.Log.ReadStreamAsync("card-été").SingleAsync();
        Encoding.UTF8.GetString(recorded.Data.Span).ShouldBe(Payment);
        recorded.EventId.ShouldBe(EventIds.Derive("/till/7", "b-1"));
        EventMetadata.FromJson(recorded.Metadata).Producer.ShouldBe("/till/7");
    }

    [Fact]
    public async Task The_same_event_in_both_modes_is_one_event_and_its_producer_may_be_named()
    {
        var (_, binary) = await PostBinaryAsync(Payment, ("ce-id", "m-1"), ("ce-source", "/till/8"), ("ce-type", "PaymentAuthorised"), ("ce-subject", "card-modes"), ("ce-producer", "tills"));
        var (_, structured) = await PostAsync($$"""{"specversion": "1.0", "id": "m-1", "source": "/till/8", "type": "PaymentAuthorised", "subject": "card-modes", "data": {{Payment}} }""", "application/cloudevents+json");

        structured.GetProperty("position").GetString().ShouldBe(binary.GetProperty("position").GetString());
        EventMetadata.FromJson((await payments.System.Log.ReadStreamAsync("card-modes").SingleAsync()).Metadata).Producer.ShouldBe("tills");
    }

    [Theory]
    [InlineData("ce-subject", null, "ce-subject is missing")]
    [InlineData("ce-specversion", "0.3", "0.3")]
    [InlineData("ce-priority", "urgent", "neither normal nor bulk")]
    [InlineData("Content-Type", "text/csv", "text/csv")]
    public async Task A_wrong_event_in_binary_mode_is_refused_and_what_is_wrong_is_named(string header, string? value, string named)
    {
        var headers = new Dictionary<string, string>
        {
            ["ce-specversion"] = "1.0", ["ce-id"] = "w", ["ce-source"] = "/t", ["ce-type"] = "PaymentAuthorised", ["ce-subject"] = "card-w", ["Content-Type"] = "application/json",
        };
        if (value is null) headers.Remove(header);
        else headers[header] = value;

        var (status, error) = await PostBinaryAsync(Payment, [.. headers.Select(each => (each.Key, each.Value))]);

        status.ShouldBe(HttpStatusCode.BadRequest);
        error.GetProperty("message").GetString()!.ShouldContain(named);
    }

    [Fact]
    public async Task Of_a_batch_for_several_streams_each_goes_in_whole_or_not_at_all_and_the_error_carries_the_token()
    {
        var (status, error) = await PostAsync($$"""
            [
              {"specversion": "1.0", "id": "p-1", "source": "/t", "type": "PaymentAuthorised", "subject": "card-whole", "data": {{Payment}} },
              {"specversion": "1.0", "id": "p-2", "source": "/t", "type": "PaymentAuthorised", "subject": "card-not", "data": {{Payment}} },
              {"specversion": "1.0", "id": "p-3", "source": "/t", "type": "PaymentAuthorised", "subject": "card-not", "data": {} }
            ]
            """, "application/cloudevents-batch+json");

        status.ShouldBe(HttpStatusCode.BadRequest);
        error.GetProperty("message").GetString()!.ShouldContain("The other 1 of 3 events are in the log.");
        var token = ulong.Parse(error.GetProperty("details")[0].GetProperty("metadata").GetProperty("position").GetString()!);
        var whole = await payments.System.Log.ReadStreamAsync("card-whole").SingleAsync();
        token.ShouldBeGreaterThanOrEqualTo(whole.Position.Value);
        (await payments.System.Log.ReadStreamAsync("card-not").AnyAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_of_many_bad_events_is_answered_in_an_error_that_clients_take_and_none_is_in_the_log()
    {
        var request = new AppendRequest { Stream = "card-many" };
        for (var i = 0; i < 5_000; i++) request.Events.Add(new Event { Type = "PaymentAuthorised", Data = ByteString.CopyFromUtf8(i == 17 ? Payment : "{}") });

        var refused = await Should.ThrowAsync<RpcException>(async () => await payments.System.Events.AppendAsync(request));

        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument, refused.ToString());
        refused.Status.Detail.ShouldContain("And 4989 more.");
        refused.Status.Detail.ShouldEndWith("No event of the request is in the log.");
        ApiError.From(refused).Position.ShouldBeNull();
        (await payments.System.Log.ReadStreamAsync("card-many").AnyAsync()).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/v1/cloudevents", "application/cloudevents+json")]
    [InlineData("/v1/streams/card-large/events", "application/json")]
    public async Task A_body_larger_than_any_append_is_refused_as_such(string path, string type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"x": "{{new string('x', 9 << 20)}}"}"""));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        // Or the answer would come while the body is still being written, which only some clients look for.
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Headers = { ExpectContinue = true } };
        using var answer = await payments.System.Http.SendAsync(request);
        var error = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge, error.ToString());
        error.GetProperty("details")[0].GetProperty("reason").GetString().ShouldBe("message-too-large");
    }

    private Task<(HttpStatusCode, JsonElement)> PostAsync(string json, string type) => SendAsync(new StringContent(json, MediaTypeHeaderValue.Parse(type)), []);

    private Task<(HttpStatusCode, JsonElement)> PostBinaryAsync(string data, params (string Name, string Value)[] headers)
    {
        var type = headers.FirstOrDefault(header => header.Name == "Content-Type").Value ?? "application/json";
        var all = headers.Where(header => header.Name != "Content-Type").ToList();
        if (headers.All(header => header.Name != "ce-specversion")) all.Add(("ce-specversion", "1.0"));
        return SendAsync(new StringContent(data, MediaTypeHeaderValue.Parse(type)), all);
    }

    private async Task<(HttpStatusCode, JsonElement)> SendAsync(HttpContent content, IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/cloudevents") { Content = content };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var answer = await payments.System.Http.SendAsync(request);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }
}
