using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class StreamFactsTests
{
    private static readonly Duration Lateness = Duration.Parse("10m");

    [Fact]
    public void Facts_decide_as_a_stream_that_forgets_nothing_does() =>
        Gen.Select(Gen.Select(Gen.Int[0, 40], Gen.Int[0, 250]).List[0, 400], Gen.Int[0, 50]).Sample((steps, restartEvery) =>
        {
            var (facts, remembered, admitted) = (StreamFacts.None, new RowAdmission(Lateness), new HashSet<Guid>());
            for (var i = 0; i < steps.Count; i++)
            {
                var (minute, id) = steps[i];
                var recorded = Shops.Paid(i, "{}", id: Cards.Id(id));
                var occurredAt = Shops.Noon + new Duration(((i / 3) + minute - 20) * 60_000_000L);
                var known = facts.HasForgottenIds && admitted.Contains(recorded.EventId);

                var decided = facts.Decide(recorded, occurredAt, Lateness, known, out var next);

                decided.ShouldBe(remembered.Admit(recorded, occurredAt));
                if (decided == Admission.Admitted) admitted.Add(recorded.EventId);
                (next.Newest, next.LastPosition, next.Admitted).ShouldBe((remembered.Newest, remembered.LastPosition, admitted.Count));
                facts = restartEvery > 0 && i % restartEvery == 0 ? StreamFacts.FromBytes(next.ToBytes()) : next;
            }
            facts.HasForgottenIds.ShouldBe(admitted.Count > StreamFacts.IdsMax);
        }, iter: 100, threads: 1);

    [Fact]
    public void Earlier_facts_stay_as_they_were()
    {
        var facts = new List<StreamFacts> { StreamFacts.None };
        for (var i = 0; i < 3; i++)
        {
            facts[i].Decide(Shops.Paid(i, "{}"), Shops.Noon, null, false, out var next);
            facts.Add(next);
        }
        facts[1].Decide(Shops.Paid(9, "{}", id: Cards.Id(2)), Shops.Noon, null, false, out _).ShouldBe(Admission.Admitted);
        facts[3].Decide(Shops.Paid(9, "{}", id: Cards.Id(2)), Shops.Noon, null, false, out _).ShouldBe(Admission.Duplicate);
        facts.Select(one => one.Admitted).ShouldBe([0, 1, 2, 3]);
    }

    [Theory]
    [InlineData(new byte[] { 2, 0, 0 })]
    [InlineData(new byte[] { 1, 0 })]
    [InlineData(new byte[] { 1, 0, 1, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0 })]
    public void Damaged_bytes_are_refused(byte[] bytes) => Should.Throw<StateCorruptException>(() => StreamFacts.FromBytes(bytes));

    [Fact]
    public void What_one_contract_shows_in_a_stream_is_no_business_of_another()
    {
        var shared = Shops.Refunds with { Category = "card", AllowedLateness = Lateness };
        var view = CompiledView.Compile(
            Shops.View([new ViewSource("payments/1"), new ViewSource("refunds/1")]),
            new Dictionary<string, Core.Contracts.DataContract> { ["payments/1"] = Shops.Payments, ["refunds/1"] = shared }, Shops.Shop);
        var alone = CompiledView.Compile(Shops.View([new ViewSource("refunds/1")]), shared, Shops.Shop);
        RecordedEvent[] stream =
        [
            Shops.Paid(1, "{}", minute: 170, id: Cards.Id(7)),
            Shops.Refunded(2, """{"amount":1,"seller":"s"}""", "card-1", minute: 20, id: Cards.Id(7)),
            Shops.Refunded(3, """{"amount":1,"seller":"s"}""", "card-1", minute: 9),
            Shops.Refunded(4, """{"amount":1,"seller":"s"}""", "card-1", minute: 10),
        ];
        // Whether an event counts is the same in every view that reads its contract.
        view.Admit(stream).Rows.Where(row => row.EventType == "Refunded").Select(row => row.Revision).ShouldBe([4, 2]);
        alone.Admit(stream).Rows.Select(row => row.Revision).ShouldBe([4, 2]);
    }

    [Fact]
    public void An_event_that_is_no_entitys_counts_for_its_stream_all_the_same()
    {
        var view = Shops.Compile([Shops.ByShop with { Where = "branch is null" }]);
        var admitted = view.Admit([
            Shops.Paid(1, """{"branch":1,"shop":"s"}""", minute: 170),
            Shops.Paid(2, """{}""", minute: 171),
            Shops.Paid(3, """{"shop":"s"}""", minute: 50),
            Shops.Paid(4, """{"shop":"s"}""", minute: 172, id: Cards.Id(2)),
            Shops.Paid(5, """{"shop":"s"}""", minute: 51)]);
        admitted.Rows.Select(row => row.Revision).ShouldBe([5]);
        admitted.Refused.Select(refused => (refused.Event.Revision, refused.Code)).ShouldBe([(3, "late"), (4, "duplicate")]);
        admitted.Unkeyed.Select(unkeyed => (unkeyed.Event.Revision, unkeyed.Detail)).ShouldBe([(2, "Field 'shop', which is part of the key, holds nothing.")]);
    }
}
