using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class EntityStateTests
{
    private const string FirstFormat =
        "01CCC1C74ED980684401310F020180C0DFD0CAD4A30601006D07CDCCCCCCCCCC0C0180E099A380D5A306FF9FBAD2350F02010000000000000000000000000000010006636172642D31000450616964029A9999999999C93F050246523804D1704BFC9C94";

    private const string Golden =
        "02CCC1C74ED980684401310F020180C0DFD0CAD4A30601006D07CDCCCCCCCCCC0C0180F0B68C9BD5A306FFAFD7BB500F02010000000000000000000000000000010006636172642D31000450616964029A9999999999C93F05024652F577AA6556ADFA91";

    private static readonly string[] Aggregates =
        ["count", "sum", "mean", "min", "max", "stddev_samp", "first", "last", "distinct_count", "seconds_since_last"];

    private static readonly Gen<CompiledView> Views = Gen.Select(Streams.Windows, Streams.Windows, Gen.OneOf<string?>(null, "0s", "2h"), Gen.OneOf<string?>(null, "1h", "2d"))
        .Select((first, second, lateness, ttl) => CompiledView.Compile(
            Cards.View(ttl, [.. Aggregates.SelectMany((name, index) => new[]
            {
                Cards.Feature(name, index % 2 == 0 ? "amount" : "exact", index % 2 == 0 ? first : second, name: name),
                Cards.Feature(name, "count", Cards.Ever, "approved", name: name + "_ever"),
            })]),
            Cards.Contract with { AllowedLateness = lateness is null ? null : Duration.Parse(lateness) }, Cards.Card));

    [Fact]
    public void A_state_answers_as_a_fold_of_the_whole_history_or_not_at_all() =>
        Gen.Select(Views, Streams.Any, Streams.Instants, Gen.Int[0, 60]).Sample((view, stream, asOf, known) =>
        {
            var events = stream.Take(known).ToList();
            var state = Play(view, events, _ => false);
            var admitted = view.Admit(events).Rows;
            var newest = admitted.Count == 0 ? Cards.Noon : admitted[^1].OccurredAt;
            state.AdmittedCount.ShouldBe(admitted.Count);
            state.TryEvaluate(newest)!.ShouldBe(view.Evaluate(admitted, newest));
            if (state.TryEvaluate(asOf) is { } values) values.ShouldBe(view.Evaluate(admitted, asOf));
            else asOf.ShouldBeLessThan(newest);
        }, iter: 400, threads: 1);

    [Fact]
    public void Restarts_and_redeliveries_leave_the_same_bytes_as_none() =>
        Gen.Select(Views, Streams.Any, Gen.Bool.Array[60]).Sample((view, stream, restarts) =>
            Play(view, stream, index => restarts[index % 60]).ToBytes().ShouldBeSame(Play(view, stream, _ => false).ToBytes()), iter: 300, threads: 1);

    [Fact]
    public void An_hour_behind_the_newest_event_is_always_answered() =>
        Gen.Select(Views, Streams.Any).Sample((view, stream) =>
        {
            var state = Play(view, stream, _ => false);
            if (state.Newest is { } newest) state.TryEvaluate(newest - Duration.Parse("1h")).ShouldNotBeNull();
        }, iter: 100, threads: 1);

    [Fact]
    public void Rows_beyond_the_horizon_are_folded_away_and_their_ids_forgotten()
    {
        var view = Cards.Compiled(Cards.Feature("sum", "amount", Cards.Ever));
        var state = Play(view, [Cards.Paid(0, Cards.Noon, "\"amount\":1"), Cards.Paid(1, Cards.Noon + Duration.Parse("1h") + new Duration(1), "\"amount\":2")], _ => false);
        state.HasForgottenIds.ShouldBeTrue();
        state.TryEvaluate(Cards.Noon + new Duration(1))![0].Value.ShouldBe(Core.Values.Value.Of(1.0));
        state.TryEvaluate(Cards.Noon).ShouldBeNull();
    }

    [Fact]
    public void A_forgotten_duplicate_is_refused_on_its_callers_word()
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Ever));
        var state = Play(view, [Cards.Paid(0, Cards.Noon), Cards.Paid(1, Cards.Noon + Duration.Parse("2h"))], _ => false);
        state.Offer(Cards.Row(view, Cards.Paid(2, Cards.Noon, id: Cards.Id(0))), knownDuplicate: true).ShouldBe(Admission.Duplicate);
        state.AdmittedCount.ShouldBe(2);
    }

    [Fact]
    public void Any_damage_to_the_bytes_is_noticed() =>
        Gen.Select(Views, Streams.Any, Gen.Int[0, 100_000], Gen.Byte[1, 255]).Sample((view, stream, at, change) =>
        {
            var bytes = Play(view, stream, _ => false).ToBytes();
            bytes[at % bytes.Length] ^= change;
            Should.Throw<StateCorruptException>(() => view.ReadState(bytes));
            Should.Throw<StateCorruptException>(() => view.ReadState(bytes.AsSpan(0, at % bytes.Length)));
        }, iter: 100, threads: 1);

    [Fact]
    public void Bytes_of_another_view_are_refused()
    {
        var bytes = Cards.Compiled(Cards.Feature("count", null, Cards.Ever)).NewState("1").ToBytes();
        var other = CompiledView.Compile(Cards.View(null, Cards.Feature("sum", "amount", Cards.Ever)) with { Digest = "ff" }, Cards.Contract, Cards.Card);
        Should.Throw<StateCorruptException>(() => other.ReadState(bytes)).Message.ShouldContain("card_activity@v1");
    }

    [Fact]
    public void The_bytes_of_a_state_are_these_until_their_format_has_another_number()
    {
        var state = Play(Sample(), [
            Cards.Paid(0, Cards.Noon, "\"amount\":0.1"),
            Cards.Paid(1, Cards.Noon + Duration.Parse("3h"), "\"amount\":0.2,\"country\":\"FR\"")], _ => false);
        Convert.ToHexString(state.ToBytes()).ShouldBe(Golden);
        var read = Sample().ReadState(Convert.FromHexString(Golden));
        read.TryEvaluate(state.Newest!.Value)!.Select(value => value.Value.ToString()).ShouldBe(["0.30000000000000004", "\"FR\""]);
        (read.AdmittedCount, read.LastRevision, read.LastPosition, read.HasForgottenIds).ShouldBe((2, 1, new Position(15), true));
    }

    [Fact]
    public void Bytes_of_an_older_format_are_refused_with_the_way_out() =>
        Should.Throw<StateCorruptException>(() => Sample().ReadState(Convert.FromHexString(FirstFormat))).Message
            .ShouldBe("The bytes of an entity's state are corrupt: Their format is 1 and this software reads 2. Rebuild the view from the log.");

    [Fact]
    public void A_row_of_another_entity_is_a_bug()
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Ever));
        Should.Throw<ArgumentException>(() => view.NewState("2").Offer(Cards.Row(view, Cards.Paid(0, Cards.Noon))));
    }

    // With a restart, the event before it is delivered again, as after a crash between rows and acknowledgement.
    internal static EntityState Play(CompiledView view, IReadOnlyList<RecordedEvent> stream, Func<int, bool> restarts)
    {
        var state = view.NewState("1");
        var admitted = new HashSet<Guid>();
        for (var i = 0; i < stream.Count; i++)
        {
            var row = Cards.Row(view, stream[i]);
            if (state.Offer(row, state.HasForgottenIds && admitted.Contains(row.EventId)) == Admission.Admitted) admitted.Add(row.EventId);
            if (!restarts(i)) continue;
            state = view.ReadState(state.ToBytes());
            state.Offer(row).ShouldBe(Admission.Redelivered);
        }
        return state;
    }

    private static CompiledView Sample() =>
        Cards.Compiled(Cards.Feature("sum", "amount", Cards.Ever, name: "a"), Cards.Feature("last", "country", Cards.Last("1h"), name: "b"));
}
