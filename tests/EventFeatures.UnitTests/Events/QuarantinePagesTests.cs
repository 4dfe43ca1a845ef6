using System.Runtime.CompilerServices;
using EventFeatures.Application.Events.Quarantine;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Events;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

public sealed class QuarantinePagesTests
{
    private const string Stream = "quarantine-payments.authorisation";
    private const int Page = 500;

    [Fact]
    public async Task Pages_of_a_large_quarantine_read_each_entry_once_beside_what_was_done_later()
    {
        CountingLog? log = null;
        await using var bench = await PredictionBench.StartAsync(bend: inner => log = new CountingLog(inner));
        const int count = 20 * Page;
        for (var i = 0; i < count; i += Page)
            await bench.Log.AppendToStreamAsync(Stream, StreamState.Any, [.. Enumerable.Range(i, Page).Select(Entry)]);

        var (seen, rest) = (0, 0L);
        string? after = null;
        do
        {
            rest += count - seen;
            var page = await bench.SendAsync(new ListQuarantine { Contract = "payments.authorisation", CountMax = Page, After = after });
            page.Entries.Select(entry => entry.Event.StreamId).ShouldBe(Enumerable.Range(seen, Page).Select(i => $"card-{i}"));
            seen += page.Entries.Count;
            after = page.Next;
        }
        while (after is not null);

        seen.ShouldBe(count);
        // The last page's last entry and the next page's first one are met again.
        (log!.Delivered - rest).ShouldBeLessThan(count + (4 * count / Page));
    }

    [Fact]
    public async Task A_place_as_an_earlier_version_gave_it_is_still_gone_on_from_and_another_text_is_refused()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.Log.AppendToStreamAsync(Stream, StreamState.Any, [Entry(0), Entry(1)]);

        var first = (await bench.SendAsync(new ListQuarantine())).Entries[0];
        var rest = await bench.SendAsync(new ListQuarantine { After = $"{first.Position}@{Stream}" });
        rest.Entries.ShouldHaveSingleItem().Event.StreamId.ShouldBe("card-1");
        foreach (var text in (string[])["", "3", "@x", "x@x", "3.@x", "3.-1@x", "3.1.1@x"])
            await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new ListQuarantine { After = text }));
    }

    [Fact]
    public async Task An_entry_that_the_log_took_twice_is_listed_once()
    {
        await using var bench = await PredictionBench.StartAsync(bend: inner => new ForgetfulLog(inner));
        await bench.Log.AppendToStreamAsync(Stream, StreamState.Any, [Entry(0), Entry(1)]);

        var listed = await bench.SendAsync(new ListQuarantine());

        listed.Entries.Select(entry => entry.Event.StreamId).ShouldBe(["card-0", "card-1"]);
        listed.Entries[0].Revision.ShouldBe(0);
    }

    private static EventData Entry(int i) =>
        new QuarantinedEvent("payments.authorisation/1", $"card-{i}", Guid.NewGuid(), "PaymentAuthorised", "json-invalid", "It is no JSON.", default, default).ToEventData();

    /// <summary>Counts what reads of streams hand out.</summary>
    private sealed class CountingLog(IEventLog log) : BentLog(log)
    {
        public long Delivered { get; private set; }

        public override Task<AppendResult> AppendToStreamAsync(string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default) =>
            Log.AppendToStreamAsync(stream, expected, events, cancellation);

        public override IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
            string stream, ReadDirection direction = ReadDirection.Forwards, long? fromRevision = null, long countMax = long.MaxValue,
            bool resolveLinks = false, CancellationToken cancellation = default) =>
            base.ReadStreamAsync(stream, direction, fromRevision, countMax, resolveLinks, cancellation).Select(recorded =>
            {
                Delivered++;
                return recorded;
            });
    }

    /// <summary>Has each quarantine's entries a second time, as a cluster that did not remember their ids.</summary>
    private sealed class ForgetfulLog(IEventLog log) : BentLog(log)
    {
        public override Task<AppendResult> AppendToStreamAsync(string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default) =>
            Log.AppendToStreamAsync(stream, expected, events, cancellation);

        public override async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
            string stream, ReadDirection direction = ReadDirection.Forwards, long? fromRevision = null, long countMax = long.MaxValue,
            bool resolveLinks = false, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            var all = await base.ReadStreamAsync(stream, direction, fromRevision, countMax, resolveLinks, cancellation).ToListAsync(cancellation);
            foreach (var recorded in all) yield return recorded;
            if (stream != Stream) yield break;
            foreach (var recorded in all)
                yield return recorded with { Revision = recorded.Revision + all.Count, Position = new Position(recorded.Position.Value + 1_000) };
        }
    }
}
