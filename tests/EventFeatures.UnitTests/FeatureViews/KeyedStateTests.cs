using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Entities whose events come from many streams: what counts and what it comes to depend on the log alone.</summary>
public sealed class KeyedStateTests
{
    private static readonly string[] Tags = ["\"a\"", "\"b\"", "\"c\"", "null"];

    private static readonly CompiledView View = Shops.Compile(
        [new ViewSource("payments/1") { Key = ["tags"], Where = "amount is null or amount < 90" }, new ViewSource("refunds/1") { Key = ["seller"] }],
        Cards.Feature("count", null, Cards.Last("1h"), name: "recent"), Cards.Feature("sum", "amount", Cards.Ever, name: "sum"),
        Cards.Feature("last", "amount", Cards.Last("3h"), name: "last"), Cards.Feature("count", null, Cards.Ever, "event_type == 'Paid'", name: "paid"));

    /// <summary>Events of five streams, out of order, of none to three entities, with ids repeated within and across streams.</summary>
    private static readonly Gen<IReadOnlyList<RecordedEvent>> Logs =
        Gen.Select(Gen.Int[0, 4], Gen.Int[-200, 170], Gen.Int[0, 100], Gen.Int[0, 3].List[0, 3], Gen.Int[0, 60]).List[0, 80].Select(IReadOnlyList<RecordedEvent> (steps) =>
        [
            .. steps.Select((step, i) =>
            {
                var (stream, minute, amount, tags, id) = step;
                return stream < 3
                    ? Shops.Paid(i + 1, $$"""{"amount":{{amount}},"tags":[{{string.Join(',', tags.Select(tag => Tags[tag]))}}]}""", $"card-{stream}", Cards.Id(id), minute)
                    : Shops.Refunded(i + 1, $$"""{"amount":{{amount}},"seller":"{{(amount % 2 == 0 ? "a" : "b")}}"}""", $"refund-{stream}", Cards.Id(id), minute);
            }),
        ]);

    [Fact]
    public void A_state_restarted_anywhere_has_the_bytes_and_values_of_one_that_was_not_and_of_all_rows() =>
        Gen.Select(Logs, Gen.Int[1, 9], Gen.Int[-300, 400]).Sample((log, restartEvery, minute) =>
        {
            var asOf = Shops.Noon + new Duration(minute * 60_000_000L);
            var admission = new LogAdmission(View);
            var (whole, restarted) = (new Dictionary<string, EntityState>(), new Dictionary<string, EntityState>());
            foreach (var row in log.SelectMany(recorded => admission.Offer(recorded).Rows))
            {
                StateOf(whole, row.EntityKey).Offer(row).ShouldBe(Admission.Admitted);
                StateOf(restarted, row.EntityKey).Offer(row);
                if (row.Position.Value % (ulong)restartEvery == 0) restarted[row.EntityKey] = View.ReadState(restarted[row.EntityKey].ToBytes());
                StateOf(restarted, row.EntityKey).Offer(row).ShouldBe(Admission.Redelivered);
            }
            foreach (var entity in View.Admit(log).Rows.GroupBy(row => row.EntityKey))
            {
                restarted[entity.Key].ToBytes().ShouldBeSame(whole[entity.Key].ToBytes());
                if (restarted[entity.Key].TryEvaluate(asOf) is { } values) values.ShouldBe(View.Evaluate([.. entity], asOf));
            }
        }, iter: 200, threads: 1);

    [Fact]
    public void How_streams_are_interleaved_decides_nothing() => Logs.Sample(log =>
    {
        var together = View.Admit(log);
        var apart = log.GroupBy(recorded => recorded.StreamId).Select(View.Admit).ToList();
        together.Rows.ShouldBe(apart.SelectMany(stream => stream.Rows).Order(FeatureRow.FoldOrder), new SameRow());
        together.Refused.Select(refused => (refused.Event.Position, refused.Code))
            .ShouldBe(apart.SelectMany(stream => stream.Refused).Select(refused => (refused.Event.Position, refused.Code)), ignoreOrder: true);
    }, iter: 200, threads: 1);

    private static EntityState StateOf(Dictionary<string, EntityState> states, string key) =>
        states.TryGetValue(key, out var state) ? state : states[key] = View.NewState(key);

    private sealed class SameRow : IEqualityComparer<FeatureRow>
    {
        public bool Equals(FeatureRow? left, FeatureRow? right) => left?.Position == right?.Position && left?.EntityKey == right?.EntityKey;

        public int GetHashCode(FeatureRow row) => row.Position.GetHashCode();
    }
}
