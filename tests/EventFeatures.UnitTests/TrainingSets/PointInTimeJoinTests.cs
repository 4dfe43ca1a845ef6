using CsCheck;
using EventFeatures.Application.TrainingSets.Joining;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

public sealed class PointInTimeJoinTests
{
    private static readonly Gen<(FeatureRow[] Rows, JoinPoint[] Points)> Histories = Gen.Select(
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 60], Gen.Int[1, 500]).Array[0, 30],
        Gen.Select(Gen.Int[0, 500], Gen.Int[-1, 30]).Array[1, 20],
        (events, points) => (
            events.Select((one, index) => Row(one.Item1, one.Item1 + one.Item2, index, one.Item3)).ToArray(),
            points.Select(point => new JoinPoint(Minute(point.Item1), point.Item2 < 0 ? null : new Position((ulong)point.Item2))).ToArray()));

    [Fact]
    public async Task The_join_agrees_with_its_definition_for_any_order_of_recording()
    {
        var view = await ViewAsync();
        foreach (var knowledge in Enum.GetValues<Knowledge>())
            Histories.Sample(history =>
            {
                var rows = history.Rows.Order(FeatureRow.FoldOrder).ToArray();
                var joined = PointInTimeJoin.Join(view, new KnownRows(rows), history.Points, knowledge);
                for (var i = 0; i < history.Points.Length; i++)
                {
                    var point = history.Points[i];
                    var known = rows.Where(row => point.KnownAt is { } position ? row.Position <= position : knowledge == Knowledge.Latest || row.RecordedAt <= point.AsOf);
                    if (!joined[i].Values.SequenceEqual(view.Evaluate([.. known], point.AsOf))) return false;
                }
                return LeakCheck.Check(view, "a", rows, history.Points, joined, knowledge).All(finding => !finding.IsMismatch && (knowledge == Knowledge.Latest || !finding.IsLeak));
            }, iter: 400);
    }

    [Fact]
    public async Task A_planted_leak_is_found_and_named()
    {
        var view = await ViewAsync();
        FeatureRow[] rows = [Row(0, 0, 0, 10), Row(5, 30, 1, 30)];
        JoinPoint[] points = [new JoinPoint(Minute(10), null)];
        var leaky = new JoinedPoint(view.Evaluate(rows, Minute(10)), rows);
        var finding = LeakCheck.Check(view, "a", rows, points, [leaky], Knowledge.Recorded).ShouldHaveSingleItem();
        (finding.IsLeak, finding.IsMismatch).ShouldBe((true, true));
        finding.Tell().ShouldContain(rows[1].EventId.ToString());
    }

    [Fact]
    public async Task A_value_with_other_bits_is_found_though_no_event_leaks()
    {
        var view = await ViewAsync();
        FeatureRow[] rows = [Row(0, 0, 0, 10)];
        var wrong = view.Evaluate(rows, Minute(10)).ToArray();
        wrong[1] = wrong[1] with { Value = Value.Of(Math.BitIncrement(10.0)) };
        var finding = LeakCheck.Check(view, "a", rows, [new JoinPoint(Minute(10), null)], [new JoinedPoint(wrong, rows)], Knowledge.Recorded).ShouldHaveSingleItem();
        (finding.IsLeak, finding.IsMismatch).ShouldBe((false, true));
    }

    [Fact]
    public async Task A_point_whose_session_came_together_late_is_checked_as_well()
    {
        var view = await ViewAsync("{ session: { gap: 30m } }", other: "1h");
        // One session ends at 0:00, another goes on from 1:00 until 4:00; then come two events that join them.
        int[] minutes = [0, .. Enumerable.Range(0, 10).Select(index => 60 + 20 * index), 25, 45];
        FeatureRow[] rows = [.. minutes.Select((minute, index) => Row(minute, 300, index, 1)).Order(FeatureRow.FoldOrder)];
        JoinPoint[] points = [new JoinPoint(Minute(300), null)];
        var joined = PointInTimeJoin.Join(view, new KnownRows(rows), points, Knowledge.Recorded);
        joined[0].Values[0].Value.ShouldBe(Value.Of(13L));
        LeakCheck.Check(view, "a", rows, points, joined, Knowledge.Recorded).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Knowledge.Latest, false)]
    [InlineData(Knowledge.Latest, true)]
    [InlineData(Knowledge.Recorded, true)]
    public async Task A_long_history_with_one_event_out_of_order_is_checked_without_offering_it_anew_for_each_point(Knowledge knowledge, bool veryLate)
    {
        const int events = 1_200;
        var view = await ViewAsync();
        // The last one belongs near the end or near the start; recorded in the middle, it makes the known ones no first part.
        FeatureRow[] rows = [.. Enumerable.Range(0, events).Select(index => index < events - 1 ? Row(index, index, index, 1) : Row(veryLate ? 10 : events - 30, veryLate ? events / 2 : events, index, 1)).Order(FeatureRow.FoldOrder)];
        JoinPoint[] points = [.. Enumerable.Range(0, events).Select(minute => new JoinPoint(Minute(minute), null))];
        var joined = PointInTimeJoin.Join(view, new KnownRows(rows), points, knowledge);

        LeakCheck.Check(view, "a", rows, points, joined, knowledge).Where(finding => finding.IsMismatch).ShouldBeEmpty();
        JoinedPoint[] wrong = [.. joined];
        wrong[events - 2] = joined[100];
        LeakCheck.Check(view, "a", rows, points, wrong, knowledge).Where(finding => finding.IsMismatch).ShouldHaveSingleItem().Point.ShouldBe(events - 2);
    }

    [Theory]
    [InlineData(true, 10_000)]
    [InlineData(false, 200)]
    public void A_long_history_is_folded_anew_for_few_points_only_where_each_needs_a_list_of_its_own(bool inOrder, int points)
    {
        var rows = Enumerable.Range(0, 10_000).Select(index => Row(index, inOrder ? index : 10_000 - (index % 2), index, 1));
        ViewJoin.PointsTogether(new KnownRows([.. rows])).ShouldBe(points);
    }

    private static async Task<CompiledView> ViewAsync(string window = "1h", string other = "7d")
    {
        await using var bench = await DefinitionBench.StartAsync();
        // Without a lateness, rows in any order are all admitted.
        await bench.ApplyAsync(Yaml.Contract.With("\n  - { property: eventfeatures.allowedLateness, value: 2h }", ""), Yaml.Entity, Yaml.View.With("window: 1h", $"window: {window}").With("window: 7d", $"window: {other}"));
        return bench.Registry.Current.Views.Values.Single();
    }

    private static Instant Minute(int minute) => Instant.Parse("2026-01-31T00:00:00Z") + new Duration(minute * 60_000_000L);

    private static FeatureRow Row(int occurred, int recorded, int index, int amount) => new(
        "a", Minute(occurred), Minute(recorded), new Position((ulong)index + 1), "card-a", index,
        EventIds.Derive("row", index.ToString(System.Globalization.CultureInfo.InvariantCulture)), "PaymentAuthorised", new[] { Value.Of((decimal)amount) });
}
