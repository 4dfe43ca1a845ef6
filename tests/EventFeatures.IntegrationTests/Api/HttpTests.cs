using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>The same API as HTTP/1.1 and JSON, on the same port.</summary>
public sealed class HttpTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task Cloud_events_go_in_and_features_come_out()
    {
        var (status, appended) = await PostAsync("/v1/cloudevents", """
            [
              {"specversion": "1.0", "id": "a-1", "source": "/till/7", "type": "PaymentAuthorised", "subject": "card-http",
               "data": {"amount": 12.50, "units": 9007199254740993, "occurred_at": "2026-01-01T10:00:00Z"}},
              {"specversion": "1.0", "id": "a-2", "source": "/till/7", "type": "PaymentAuthorised", "subject": "card-http",
               "data": {"amount": 7.25, "occurred_at": "2026-01-01T10:30:00Z"}}
            ]
            """, "application/cloudevents-batch+json");
        status.ShouldBe(HttpStatusCode.OK, appended.ToString());
        var token = appended.GetProperty("position").GetString();

        var (_, read) = await PostAsync("/v1/features", $$"""
            {"features": ["card_activity__sum_24h", "card_activity__last_units"], "entities": {"card": "http"}, "asOf": "2026-01-01T10:45:00Z", "minPosition": "{{token}}"}
            """);

        var features = read.GetProperty("features");
        features[0].GetProperty("value").GetProperty("decimal").GetString().ShouldBe("19.75");
        features[0].GetProperty("status").GetString().ShouldBe("PRESENT");
        // 2^53 + 1 came in as a JSON number, and no double holds it.
        features[1].GetProperty("value").GetProperty("integer").GetString().ShouldBe("9007199254740993");
    }

    [Fact]
    public async Task A_cloud_event_sent_twice_is_one_event()
    {
        const string Event = """
            {"specversion": "1.0", "id": "not-a-uuid", "source": "/till/8", "type": "PaymentAuthorised", "subject": "card-twice",
             "data": {"amount": 1, "occurred_at": "2026-01-01T10:00:00Z"}}
            """;

        var (_, first) = await PostAsync("/v1/cloudevents", Event, "application/cloudevents+json");
        var (_, second) = await PostAsync("/v1/cloudevents", Event, "application/cloudevents+json");

        second.GetProperty("position").GetString().ShouldBe(first.GetProperty("position").GetString());
    }

    [Theory]
    [InlineData("""{"specversion": "1.0", "id": "1", "source": "/t", "type": "X", "data": {}}""", "subject")]
    [InlineData("""{"specversion": "1.0", "id": "1", "source": "/t", "type": "X", "subject": "card-1"}""", "data")]
    [InlineData("""{"specversion": "0.3", "id": "1", "source": "/t", "type": "X", "subject": "card-1", "data": {}}""", "0.3")]
    [InlineData("""{"specversion": "1.0", """, "not JSON")]
    [InlineData("[]", "empty")]
    public async Task A_wrong_cloud_event_is_refused_and_what_is_wrong_is_named(string body, string named)
    {
        var (status, error) = await PostAsync("/v1/cloudevents", body, "application/cloudevents+json");

        status.ShouldBe(HttpStatusCode.BadRequest);
        error.GetProperty("code").GetInt32().ShouldBe(3);
        error.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain(named);
        error.GetProperty("details")[0].GetProperty("@type").GetString().ShouldBe("type.googleapis.com/google.rpc.ErrorInfo");
    }

    [Fact]
    public async Task Errors_carry_their_status_code_and_next_step()
    {
        var (missing, error) = await GetAsync("/v1/predictions/nowhere");
        missing.ShouldBe(HttpStatusCode.NotFound);
        error.GetProperty("details")[0].GetProperty("reason").GetString().ShouldBe("prediction-unknown");
        error.GetProperty("details")[0].GetProperty("metadata").GetProperty("nextStep").GetString().ShouldNotBeNullOrEmpty();

        var (refused, _) = await PostAsync("/v1/models/fraud/versions", """{"onnx": "bm90IGEgbW9kZWw="}""");
        refused.ShouldBe(HttpStatusCode.UnprocessableEntity);

        var (malformed, _) = await PostAsync("/v1/features", """{"views": """);
        malformed.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_append_to_a_closed_stream_is_in_order_and_cannot_be_done()
    {
        await payments.System.Log.TombstoneStreamAsync("card-closed-http", StreamState.Any);

        var (append, error) = await PostAsync("/v1/streams/card-closed-http/events", """
            {"producer": "shop", "events": [{"type": "PaymentAuthorised", "data": "eyJhbW91bnQiOiAxLCAib2NjdXJyZWRfYXQiOiAiMjAyNi0wMS0wMVQxMDowMDowMFoifQ=="}]}
            """);
        var (cloudEvent, _) = await PostAsync("/v1/cloudevents", """
            {"specversion": "1.0", "id": "closed", "source": "/till/7", "type": "PaymentAuthorised", "subject": "card-closed-http", "data": {"amount": 1, "occurred_at": "2026-01-01T10:00:00Z"}}
            """, "application/cloudevents+json");

        (append, cloudEvent).ShouldBe((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), error.ToString());
        error.GetProperty("details")[0].GetProperty("reason").GetString().ShouldBe("stream-deleted");
    }

    [Fact]
    public async Task The_port_tells_http_from_grpc_however_slowly_the_first_bytes_come()
    {
        var address = new Uri(payments.System.Host.ApiAddress);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        client.NoDelay = true;
        await using var stream = client.GetStream();
        foreach (var piece in (string[])["P", "RI", "SM / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"])
            await stream.WriteAsync(Encoding.ASCII.GetBytes(piece));
        using var reader = new StreamReader(stream);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        var answer = await reader.ReadToEndAsync(deadline.Token);

        answer.ShouldStartWith("HTTP/1.1 404");
        (await payments.System.Features.GetStatusAsync(new GetStatusRequest())).Views.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Every_route_of_the_openapi_document_is_served()
    {
        var (_, document) = await GetAsync("/openapi.json");
        document.GetProperty("openapi").GetString().ShouldBe("3.0.3");
        var routes = (from path in document.GetProperty("paths").EnumerateObject()
                      from operation in path.Value.EnumerateObject()
                      select (Path: path.Name, Verb: operation.Name.ToUpperInvariant())).ToList();

        routes.Count.ShouldBe(33);
        foreach (var (path, verb) in routes)
        {
            var concrete = path.Replace("{version}", "99", StringComparison.Ordinal).Replace("{kind}", "Entity", StringComparison.Ordinal).Replace("{name}", "card", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(verb), System.Text.RegularExpressions.Regex.Replace(concrete, @"\{\w+\}", "x-1"));
            if (verb == "POST") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await payments.System.Http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            // A route that does not exist has no body; one that does explains itself.
            body.ShouldNotBeEmpty($"{verb} {path} answered {(int)answer.StatusCode}");
            answer.StatusCode.ShouldNotBe(HttpStatusCode.InternalServerError, $"{verb} {path}: {body}");
        }
    }

    private async Task<(HttpStatusCode, JsonElement)> PostAsync(string path, string json, string type = "application/json")
    {
        using var content = new StringContent(json, MediaTypeHeaderValue.Parse(type));
        using var answer = await payments.System.Http.PostAsync(path, content);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<(HttpStatusCode, JsonElement)> GetAsync(string path)
    {
        using var answer = await payments.System.Http.GetAsync(path);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
