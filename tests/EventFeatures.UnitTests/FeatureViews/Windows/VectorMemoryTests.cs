using CsCheck;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>A state that remembers its vector says what one without a memory says, whatever is asked when.</summary>
public sealed class VectorMemoryTests
{
    [Fact]
    public void A_state_that_remembers_says_the_same_bits_as_one_that_folds_each_time() =>
        Gen.Select(WindowSamples.Any.Array[2], WindowSamples.Streams, WindowSamples.Instants.Array[6], Gen.OneOf<string?>(null, "2h", "2d")).Sample((windows, stream, instants, lateness) =>
        {
            var view = View(windows, lateness);
            var (folding, remembering) = (view.NewState("1"), view.NewState("1"));
            remembering.RemembersVector = true;
            foreach (var recorded in stream)
            {
                var row = Cards.Row(view, recorded);
                remembering.Offer(row).ShouldBe(folding.Offer(row));
                foreach (var asOf in instants.Append(row.OccurredAt).Append(row.OccurredAt + new Duration(1)))
                    remembering.TryEvaluate(asOf).ShouldBe(folding.TryEvaluate(asOf));
            }
            remembering.ToBytes().ShouldBeSame(folding.ToBytes());
        }, iter: 300, threads: 1);

    [Fact]
    public void Every_aggregate_that_looks_at_the_asked_instant_says_so()
    {
        var view = View([Cards.Ever, Cards.Ever], null);
        var state = view.NewState("1");
        state.RemembersVector = true;
        state.Offer(Cards.Row(view, Cards.Paid(0, Cards.Noon)));
        foreach (var seconds in new[] { 1, 2, 5 })
        {
            var asOf = Cards.Noon + new Duration(seconds * 1_000_000L);
            state.TryEvaluate(asOf)![0].Value.ShouldBe(Core.Values.Value.Of((double)seconds));
            state.TryEvaluate(asOf)![5].Value.Members["-"].ShouldBe(Core.Values.Value.Of((double)seconds));
        }
    }

    private static CompiledView View(Window[] windows, string? lateness) => CompiledView.Compile(
        Cards.View("30d",
            Cards.Feature("seconds_since_last", null, windows[0], null, "a"), Cards.Feature("sum", "amount", windows[0], null, "b"),
            Cards.Feature("first", "country", windows[1], "approved", "c"), Cards.Feature("stddev_samp", "amount", windows[1], null, "d"),
            Cards.Feature("seconds_since_first", "amount", windows[1], null, "e"),
            Cards.Feature("seconds_since_last", null, windows[0], null, "f") with { GroupBy = "coalesce(country, '-')" }),
        Cards.Contract with { AllowedLateness = lateness is null ? null : Duration.Parse(lateness) }, Cards.Card);
}
