using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventFeatures.Server.Load;
using EventFeatures.Server.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Load;

public sealed class RefusalLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _lines = new();

    [Fact]
    public void Refusals_are_told_at_once_and_then_now_and_then_with_how_many_there_were()
    {
        using var refusals = new RefusalLog(_lines, _time);

        for (var i = 0; i < 5; i++) refusals.Note(CallPriority.Bulk, RefusalLog.Work);
        _time.Advance(TimeSpan.FromSeconds(10));
        refusals.Note(CallPriority.Writing, RefusalLog.Opening);

        _lines.Said.ShouldBe(["Too much to do: since this was last said, refused 1 bulk", "Too much to do: since this was last said, refused 1 writing, 4 bulk"]);
    }

    [Fact]
    public void A_producer_is_named_in_the_metrics_only_where_it_has_a_quota_by_name()
    {
        using var refusals = new RefusalLog(_lines, _time);
        ConcurrentBag<string?> producers = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == "eventfeatures.quota.refused") own.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => producers.Add(tags[0].Value?.ToString()));
        listener.Start();

        refusals.NoteQuota("till-7");
        refusals.NoteQuota(null);

        producers.Order(StringComparer.Ordinal).ShouldBe(["other", "till-7"]);
    }

    private sealed class Lines : ILogger<RefusalLog>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
