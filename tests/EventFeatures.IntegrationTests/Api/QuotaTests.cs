using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Load;
using EventFeatures.Testing.Systems;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>Producers above their quotas, over each way in. One large append goes into a debt that no slow machine outlives.</summary>
public sealed class QuotaTests : IAsyncLifetime
{
    private const int Debt = 200;

    private readonly PaymentsSystem _payments = new();

    private RunningSystem System => _payments.System;

    public Task InitializeAsync() => _payments.InitializeAsync(options => options with
    {
        ProducerQuotas = new ProducerQuotas(
            new ProducerQuota(EventsPerSecond: 1),
            new Dictionary<string, ProducerQuota>
            {
                ["paced"] = new(EventsPerSecond: 100), ["file"] = new(EventsPerSecond: 50), ["free"] = ProducerQuota.Unlimited,
            }),
        Load = new LoadLimits { StreamWaitMax = TimeSpan.FromSeconds(5) },
    });

    public Task DisposeAsync() => _payments.DisposeAsync();

    [Fact]
    public async Task An_append_above_the_quota_is_refused_with_a_time_to_come_back_and_nothing_of_it_is_in_the_log()
    {
        await System.Events.AppendAsync(Many("till", "spender", Debt));

        var refused = await Should.ThrowAsync<RpcException>(async () => await System.Events.AppendAsync(Many("till", "late", 1)));

        refused.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        var error = ApiError.From(refused);
        error.Code.ShouldBe("quota-exceeded");
        error.NextStep.ShouldContain("--producer-quotas");
        error.RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(Debt / 2), TimeSpan.FromSeconds(Debt));
        int.Parse(refused.Trailers.GetValue("grpc-retry-pushback-ms")!).ShouldBeGreaterThan(0);
        (await System.Log.ReadStreamAsync("card-late").AnyAsync()).ShouldBeFalse();
        (await System.Events.AppendAsync(Many("other-till", "late", 1))).Revision.ShouldBe(0, "each producer has its own quota");
        (await System.Events.AppendAsync(Many("free", "spender", Debt))).Revision.ShouldBe(2 * Debt - 1);
    }

    [Fact]
    public async Task Those_who_do_not_say_who_they_are_share_one_quota()
    {
        await System.Events.AppendAsync(Many("", "spender", Debt));

        ApiError.From(await Should.ThrowAsync<RpcException>(async () => await System.Events.AppendAsync(Many("", "other", 1)))).Code.ShouldBe("quota-exceeded");
    }

    [Fact]
    public async Task Over_http_it_is_too_many_requests_with_the_seconds_to_wait()
    {
        await System.Events.AppendAsync(Many("shop", "spender", Debt));
        await System.Events.AppendAsync(Many("/till/7", "spender", Debt));

        var append = await PostAsync("/v1/streams/card-http/events", """
            {"producer": "shop", "events": [{"type": "PaymentAuthorised", "data": "e30="}]}
            """, "application/json");
        var cloudEvent = await PostAsync("/v1/cloudevents", """
            {"specversion": "1.0", "id": "a", "source": "/till/7", "type": "PaymentAuthorised", "subject": "card-http", "data": {"amount": 1, "occurred_at": "2026-01-01T10:00:00Z"}}
            """, "application/cloudevents+json");

        foreach (var (answer, error) in new[] { append, cloudEvent })
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, error.ToString());
            answer.Headers.RetryAfter!.Delta.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(Debt / 2), TimeSpan.FromSeconds(Debt));
            error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("@type").GetString()).ShouldContain("type.googleapis.com/google.rpc.RetryInfo");
            error.GetProperty("details")[0].GetProperty("reason").GetString().ShouldBe("quota-exceeded");
        }
    }

    [Fact]
    public async Task A_stream_somewhat_above_the_quota_is_slowed_down_to_it_and_nothing_of_it_is_refused()
    {
        // A hundred at once and a hundred a second: the last of 250 cannot come before a second and a half.
        const int requests = 250;
        using var call = System.Events.AppendStream();
        var started = Stopwatch.GetTimestamp();
        var answers = ReadAllAsync(call.ResponseStream);
        for (var i = 0; i < requests; i++) await call.RequestStream.WriteAsync(Many("paced", "paced", 1));
        await call.RequestStream.CompleteAsync();

        (await answers).Select(answer => answer.ResultCase).ShouldAllBe(result => result == AppendAcknowledgement.ResultOneofCase.Appended);

        Stopwatch.GetElapsedTime(started).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.49));
    }

    [Fact]
    public async Task A_stream_far_above_the_quota_is_refused_request_by_request_and_goes_on_and_no_later_one_overtakes()
    {
        using var call = System.Events.AppendStream();
        var answers = ReadAllAsync(call.ResponseStream);
        await call.RequestStream.WriteAsync(Many("far", "far", Debt));
        await call.RequestStream.WriteAsync(Many("far", "far", 1));
        await call.RequestStream.WriteAsync(Many("free", "far", 1));
        await call.RequestStream.WriteAsync(Many("free", "elsewhere", 1));
        await call.RequestStream.CompleteAsync();

        var byRequest = (await answers).OrderBy(answer => answer.Request).ToList();
        byRequest.Select(answer => (answer.Appended is not null, answer.Failed?.Code ?? "")).ShouldBe(
            [(true, ""), (false, "quota-exceeded"), (false, "earlier-request-refused"), (true, "")]);
        byRequest[1].Failed.Status.ShouldBe((int)StatusCode.ResourceExhausted);
        byRequest[1].Failed.RetryAfter.ToTimeSpan().ShouldBeInRange(TimeSpan.FromSeconds(Debt / 2), TimeSpan.FromSeconds(Debt));
        byRequest[2].Failed.RetryAfter.ToTimeSpan().ShouldBeGreaterThan(TimeSpan.FromSeconds(Debt / 2));
        (await System.Log.ReadStreamAsync("card-far").CountAsync()).ShouldBe(Debt);
    }

    [Fact]
    public async Task The_command_waits_as_long_as_it_is_asked_to_and_appends_then()
    {
        CommandRun run;
        var debt = 10;
        do
        {
            // As many seconds, which the command may take to start on a busy machine: then it had nothing to wait for.
            await System.Events.AppendAsync(Many($"cli-{debt}", "spender", 1 + debt));
            run = await CommandRun.Of("append", "--server", System.Host.ApiAddress, "--actor", $"cli-{debt}", "--stream", "refund-cli", "--type", "Refunded", "--data", """{"amount": 5}""");
            run.ExitCode.ShouldBe(0, run.ToString());
            debt *= 2;
        }
        while (!run.Errors.Contains("asks for patience", StringComparison.Ordinal) && debt <= 40);

        run.Errors.ShouldContain("The server asks for patience; trying again in ");
        run.Output.ShouldStartWith("appended ");
    }

    [Fact]
    public async Task A_file_far_above_the_quota_is_appended_by_and_by_in_its_order()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, 120).Select(number =>
            $$"""{"stream": "refund-file", "type": "Refunded", "time": "2026-01-01T00:00:00Z", "data": {"amount": {{number}} } }"""));
        // A debt of seven seconds, where a stream waits for five: the first requests are refused, and sent again.
        await System.Events.AppendAsync(Many("file", "spender", 50 + 350));

        var run = await CommandRun.Of("append", "--server", System.Host.ApiAddress, "--actor", "file", "--file", path);

        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldStartWith("appended 120, quarantined 0, refused 0;");
        var amounts = await System.Log.ReadStreamAsync("refund-file").Select(recorded => JsonElement.Parse(recorded.Data.Span).GetProperty("amount").GetInt32()).ToListAsync();
        amounts.ShouldBe(Enumerable.Range(0, 120));
        File.Delete(path);
    }

    [Fact]
    public async Task The_stated_producer_is_part_of_an_events_metadata()
    {
        await System.Events.AppendAsync(Many("free", "stated", 1));

        var recorded = await System.Log.ReadStreamAsync("card-stated").FirstAsync();
        EventMetadata.FromJson(recorded.Metadata).Producer.ShouldBe("free");
    }

    private static AppendRequest Many(string producer, string card, int events)
    {
        var request = PaymentsSystem.Payments(card, [.. Enumerable.Range(0, events).Select(_ => PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z"))]);
        request.Producer = producer;
        return request;
    }

    private async Task<(HttpResponseMessage Answer, JsonElement Error)> PostAsync(string path, string json, string type)
    {
        using var content = new StringContent(json, Encoding.UTF8, type);
        var answer = await System.Http.PostAsync(path, content);
        return (answer, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private static async Task<List<AppendAcknowledgement>> ReadAllAsync(IAsyncStreamReader<AppendAcknowledgement> responses)
    {
        List<AppendAcknowledgement> all = [];
        while (await responses.MoveNext(CancellationToken.None)) all.Add(responses.Current);
        return all;
    }
}
