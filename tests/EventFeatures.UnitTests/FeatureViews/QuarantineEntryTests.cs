using System.Text;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Events;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>What a view appends of the events that it refuses, since what it cannot append it would try again for ever.</summary>
public sealed class QuarantineEntryTests
{
    private const string Stream = "quarantine-payments.authorisation";

    private readonly InMemoryLog _log = new();
    private readonly Lines _lines = new();

    [Fact]
    public async Task An_event_is_kept_with_its_bytes()
    {
        var refused = Refuse(await AppendAsync("""{"amount":"much"}"""));

        await AppendAsync(refused);

        var kept = Kept();
        (kept.BytesOmitted, kept.LoggedAt, kept.Detail).ShouldBe((false, refused.Event.Position, "It is late."));
        kept.Data.ToArray().ShouldBe(refused.Event.Data.ToArray());
    }

    [Fact]
    public async Task One_that_is_too_large_for_that_has_an_entry_that_says_where_its_bytes_are()
    {
        var refused = Refuse(await AppendAsync(new string('x', 900 * 1024)));

        await AppendAsync(refused);
        await AppendAsync(refused);

        var kept = Kept();
        (kept.BytesOmitted, kept.LoggedAt, kept.EventId, kept.Code).ShouldBe((true, refused.Event.Position, refused.Event.EventId, "late"));
        kept.Data.IsEmpty.ShouldBeTrue();
        kept.Detail.ShouldStartWith("It is late. ");
        kept.Detail.ShouldContain($"the log holds them at position {refused.Event.Position}");
    }

    [Fact]
    public async Task So_has_one_whose_metadata_is_what_is_large()
    {
        var metadata = Encoding.UTF8.GetBytes($$"""{"$correlationId":"{{new string('x', 1000 * 1024)}}"}""");
        var refused = Refuse(await AppendAsync("{}", metadata));

        await AppendAsync(refused);

        Kept().BytesOmitted.ShouldBeTrue();
    }

    [Fact]
    public async Task Its_entry_is_known_again_by_an_id_that_no_version_changes()
    {
        var recorded = await AppendAsync("{}");

        await AppendAsync(Refuse(recorded with { Position = new Position(120_002) }));

        Entries().ShouldHaveSingleItem().EventId.ShouldBe(new Guid("7648caac-2b3d-838f-af6e-cbbf8a187893"));
    }

    [Fact]
    public async Task An_event_that_was_copied_here_has_the_entry_that_it_had_where_it_came_from()
    {
        var recorded = await AppendAsync("{}");
        await AppendAsync(Refuse(recorded));

        await AppendAsync(Refuse(recorded with { Position = new Position(5_000), First = new FirstPlace(recorded.Position, IsShared: false) }));

        Kept().LoggedAt.ShouldBe(recorded.Position);
    }

    [Fact]
    public async Task One_that_lies_where_another_one_was_copied_from_has_its_own()
    {
        var copied = await AppendAsync("{}");
        await AppendAsync(Refuse(copied with { Position = new Position(5_000), First = new FirstPlace(copied.Position, IsShared: false) }));
        var here = await AppendAsync("{}") with { Position = copied.Position, First = new FirstPlace(copied.Position, IsShared: true) };

        await AppendAsync(Refuse(here));
        // Copied on to a third log.
        await AppendAsync(Refuse(here with { Position = new Position(9_000) }));

        Entries().Select(entry => QuarantinedEvent.FromJson(entry.Data).EventId).ShouldBe([copied.EventId, here.EventId]);
    }

    [Fact]
    public async Task A_quarantine_that_was_deleted_for_ever_stops_nothing_and_is_told_of()
    {
        var refused = Refuse(await AppendAsync("{}"));
        _log.Tombstone(Stream);

        await AppendAsync(refused);

        _lines.Said.ShouldHaveSingleItem().ShouldContain($"event {refused.Event.EventId} at {refused.Event.Position} of card-1");
    }

    private async Task<RecordedEvent> AppendAsync(string data, byte[]? metadata = null)
    {
        await _log.AppendToStreamAsync("card-1", StreamState.Any, [new EventData(Guid.NewGuid(), "Paid", Encoding.UTF8.GetBytes(data), metadata)]);
        return _log.Events[^1];
    }

    private static RefusedEvent Refuse(RecordedEvent recorded) => new(recorded, "late", "It is late.");

    private async Task AppendAsync(RefusedEvent refused)
    {
        using var telemetry = new ViewsTelemetry("test", () => []);
        await new Quarantine(_log, Cards.Compiled(Cards.Feature("count", null, Cards.Ever)), telemetry, _lines).AppendAsync([refused], default);
    }

    private QuarantinedEvent Kept() => QuarantinedEvent.FromJson(Entries().ShouldHaveSingleItem().Data);

    private List<RecordedEvent> Entries() => [.. _log.Events.Where(recorded => recorded.StreamId == Stream)];

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
