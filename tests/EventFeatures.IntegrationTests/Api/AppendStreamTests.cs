using System.Text.Json;
using EventFeatures.Api.V1;
using Google.Protobuf;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>The stream of appends: what each request is answered with, how much may be unanswered, and what a broken one leaves.</summary>
public sealed class AppendStreamTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Every_answer_names_its_request_by_number_and_by_the_producers_own_correlation_and_carries_the_token()
    {
        var answers = await SendAsync([Correlated("good", "c-1", Payment(1)), Correlated("bad", "c-2", new Event { Type = "PaymentAuthorised", Data = ByteString.CopyFromUtf8("{}") }), Correlated("plain", "", Payment(2))]);

        answers.Select(answer => (answer.Request, answer.CorrelationId, answer.ResultCase)).ShouldBe(
        [
            (0, "c-1", AppendAcknowledgement.ResultOneofCase.Appended), (1, "c-2", AppendAcknowledgement.ResultOneofCase.Failed), (2, "", AppendAcknowledgement.ResultOneofCase.Appended),
        ]);
        answers[0].Appended.Position.ShouldBeGreaterThan(0ul);
        answers[0].Appended.CorrelationId.ShouldBe("c-1");
        answers[1].Failed.RetryAfter.ShouldBeNull("it is refused for good");
    }

    [Fact]
    public async Task Requests_that_cannot_even_be_read_are_refused_one_by_one_and_the_stream_goes_on()
    {
        var large = new Event { EventId = Guid.NewGuid().ToString(), Type = "PaymentAuthorised", Data = ByteString.CopyFromUtf8($$"""{"amount": 1, "occurred_at": "2026-01-01T10:00:00Z", "note": "{{new string('x', 2 << 20)}}"}""") };
        var answers = await SendAsync(
        [
            Correlated("1", "", new Event { EventId = "no-uuid", Type = "PaymentAuthorised" }),
            new AppendRequest { Stream = "card-2" },
            Correlated("3", "", large),
            new AppendRequest { Stream = "card-4", ExpectedRevision = 7, Events = { Payment(1) } },
            Correlated("5", "", Payment(1)),
        ]);

        answers.Select(answer => answer.Failed?.Code ?? "").ShouldBe(["invalid-argument", "invalid-argument", "append-too-large", "wrong-expected-revision", ""]);
        answers.Select(answer => answer.Failed?.Status ?? 0).ShouldBe([3, 3, 3, (int)StatusCode.Aborted, 0]);
    }

    [Fact]
    public async Task A_producer_that_reads_no_answers_cannot_write_on_and_loses_nothing_once_it_reads()
    {
        const int requests = 60_000;
        using var call = payments.System.Events.AppendStream();
        var written = 0;
        var writing = Task.Run(async () =>
        {
            for (; written < requests; written++) await call.RequestStream.WriteAsync(Correlated($"slow{written % 50}", "", Payment(written)));
            await call.RequestStream.CompleteAsync();
        });

        // Until nothing moves any more: the server reads no more than it may owe answers for.
        for (var before = -1; before != Volatile.Read(ref written) && !writing.IsCompleted;)
        {
            before = Volatile.Read(ref written);
            await Task.WhenAny(writing, Task.Delay(Stalled));
        }
        writing.IsCompleted.ShouldBeFalse("all of it was written, though nothing was read");
        var answered = 0;
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            call.ResponseStream.Current.Appended.ShouldNotBeNull(call.ResponseStream.Current.ToString());
            answered++;
        }

        await writing;
        answered.ShouldBe(requests);
    }

    [Fact]
    public async Task What_a_broken_stream_left_unanswered_is_sent_again_and_each_event_is_there_once_in_its_order()
    {
        const int requests = 2_000;
        var sent = Enumerable.Range(0, requests).Select(number => Correlated($"broken{number % 5}", "", Payment(number))).ToList();
        var answered = await BreakAsync(sent, after: 300);
        answered.Count.ShouldBeLessThan(requests);

        var again = await SendAsync([.. sent.Index().Where(one => !answered.Contains(one.Index)).Select(one => one.Item)]);

        again.ShouldAllBe(answer => answer.Appended != null);
        for (var stream = 0; stream < 5; stream++)
            (await AmountsAsync($"card-broken{stream}")).ShouldBe(Enumerable.Range(0, requests).Where(number => number % 5 == stream));
    }

    /// <summary>Sends, and leaves without a word once so many answers have come.</summary>
    private async Task<HashSet<int>> BreakAsync(List<AppendRequest> requests, int after)
    {
        using var gone = new CancellationTokenSource();
        using var call = payments.System.Events.AppendStream(cancellationToken: gone.Token);
        var writing = Task.Run(async () =>
        {
            foreach (var request in requests) await call.RequestStream.WriteAsync(request);
        });
        HashSet<int> answered = [];
        while (answered.Count < after && await call.ResponseStream.MoveNext(CancellationToken.None)) answered.Add((int)call.ResponseStream.Current.Request);
        await gone.CancelAsync();
        await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answered;
    }

    private async Task<List<AppendAcknowledgement>> SendAsync(IReadOnlyList<AppendRequest> requests)
    {
        using var call = payments.System.Events.AppendStream();
        List<AppendAcknowledgement> answers = [];
        var reading = Task.Run(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None)) answers.Add(call.ResponseStream.Current);
        });
        foreach (var request in requests) await call.RequestStream.WriteAsync(request);
        await call.RequestStream.CompleteAsync();
        await reading;
        return [.. answers.OrderBy(answer => answer.Request)];
    }

    private async Task<List<int>> AmountsAsync(string stream) =>
        await payments.System.Log.ReadStreamAsync(stream).Select(recorded => JsonElement.Parse(recorded.Data.Span).GetProperty("amount").GetInt32()).ToListAsync();

    private static Event Payment(int amount) => PaymentsSystem.Payment($"{amount}", "2026-01-01T10:00:00Z");

    private static AppendRequest Correlated(string card, string correlation, params Event[] events)
    {
        var request = PaymentsSystem.Payments(card, events);
        request.CorrelationId = correlation;
        return request;
    }
}
