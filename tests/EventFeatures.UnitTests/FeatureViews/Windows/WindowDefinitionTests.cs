using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>Every window with any modifiers against its naive definition, from the whole history and from an entity's state.</summary>
public sealed class WindowDefinitionTests
{
    private static readonly string?[] Lateness = [null, "0s", "2h", "2d"];

    [Fact]
    public void A_window_holds_what_its_definition_says() =>
        Gen.Select(WindowSamples.Any, WindowSamples.Streams, WindowSamples.Instants, Gen.Bool).Sample((window, stream, asOf, filtered) =>
        {
            var view = View(window, filtered ? "approved" : null, null);
            var rows = view.Admit(stream).Rows;
            var expected = Expected(view, window, rows, asOf).Where(row => !filtered || Field(view, row, "approved") == Value.Of(true)).ToList();
            view.Contributing(0, rows, asOf).Select(row => row.Revision).ShouldBe(expected.Select(row => row.Revision));
            view.Evaluate(rows, asOf)[0].Value.ShouldBe(rows.Any(row => row.OccurredAt <= asOf) ? Value.Of((long)expected.Count) : Value.Null);
        }, iter: 1_000, threads: 1);

    [Fact]
    public void A_state_says_the_same_bits_or_nothing_whatever_arrived_when_and_however_often_it_was_restarted() =>
        Gen.Select(WindowSamples.Any, WindowSamples.Streams, WindowSamples.Instants.Array[4], Gen.Bool.Array[50], Gen.OneOf(Lateness)).Sample((window, stream, instants, restarts, lateness) =>
        {
            var view = View(window, null, lateness);
            var state = Play(view, stream, index => restarts[index]);
            state.ToBytes().ShouldBeSame(Play(view, stream, _ => false).ToBytes());
            var rows = view.Admit(stream).Rows;
            if (state.Newest is not { } newest) return;
            foreach (var asOf in instants.Append(newest).Append(newest - new Duration(3_600_000_000)).Append(newest + new Duration(1_800_000_000)))
            {
                var told = state.TryEvaluate(asOf);
                if (told is null) MayDecline(window, newest, asOf).ShouldBeTrue();
                else told.ShouldBe(Values(view, window, rows, asOf));
            }
        }, iter: 700, threads: 1);

    // An hour before the newest event is always answered, unless an event came so late that what it joins is not known any more.
    private static bool MayDecline(Window window, Instant newest, Instant asOf) =>
        asOf < newest - new Duration(3_600_000_000) || window is Window.Session or Window.Since;

    private static CompiledView View(Window window, string? where, string? lateness) => CompiledView.Compile(
        Cards.View(null,
            Cards.Feature("count", null, window, where, "a"), Cards.Feature("sum", "amount", window, where, "b"),
            Cards.Feature("last", "country", window, where, "c"), Cards.Feature("count", null, Cards.Ever, "approved", "d")),
        Cards.Contract with { AllowedLateness = lateness is null ? null : Duration.Parse(lateness) }, Cards.Card);

    private static IReadOnlyList<FeatureRow> Expected(CompiledView view, Window window, IReadOnlyList<FeatureRow> rows, Instant asOf) =>
        NaiveWindows.In(window, rows, asOf, row => Field(view, row, "country") == Value.Of("FR"));

    private static IReadOnlyList<FeatureValue> Values(CompiledView view, Window window, IReadOnlyList<FeatureRow> rows, Instant asOf)
    {
        var known = rows.Where(row => row.OccurredAt <= asOf).ToList();
        if (known.Count == 0) return [.. Enumerable.Repeat(new FeatureValue(Value.Null, FeatureStatus.NotFound, null), 4)];
        var counted = Expected(view, window, rows, asOf);
        return
        [
            Of(Aggregate("count", counted, null)),
            Of(Aggregate("sum", counted, "amount")),
            Of(Aggregate("last", counted, "country")),
            Of(Value.Of((long)known.Count(row => Field(view, row, "approved") == Value.Of(true)))),
        ];

        FeatureValue Of(Value value) => new(value, value.IsNull ? FeatureStatus.Null : FeatureStatus.Present, known[^1].OccurredAt);

        Value Aggregate(string name, IReadOnlyList<FeatureRow> counted, string? of) =>
            Naive.Aggregate(name, of is not null, [.. counted.Select(row => (row.OccurredAt, of is null ? Value.Null : Field(view, row, of)))], asOf);
    }

    private static Value Field(CompiledView view, FeatureRow row, string name) =>
        view.Columns.Select((column, index) => (column, index)).FirstOrDefault(pair => pair.column.Name == name) is { column: not null } found ? row.Columns[found.index] : Value.Null;

    // After each restart the event before it is delivered again, as after a crash between rows and acknowledgement.
    private static EntityState Play(CompiledView view, IReadOnlyList<RecordedEvent> stream, Func<int, bool> restarts)
    {
        var state = view.NewState("1");
        for (var i = 0; i < stream.Count; i++)
        {
            var row = Cards.Row(view, stream[i]);
            state.Offer(row);
            if (!restarts(i)) continue;
            state = view.ReadState(state.ToBytes());
            state.Offer(row).ShouldBe(Admission.Redelivered);
        }
        return state;
    }
}
