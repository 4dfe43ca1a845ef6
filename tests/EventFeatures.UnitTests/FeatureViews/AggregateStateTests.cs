using CsCheck;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Every aggregate as a feature of an entity's state, with rows that are folded away, restarts and late events.</summary>
public sealed class AggregateStateTests
{
    public static TheoryData<string> Names => [.. AggregateCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_state_answers_as_a_fold_of_the_whole_history_whatever_was_folded_away(string name)
    {
        var view = View(name);
        Gen.Select(Streams.Any, Streams.Instants, Gen.Int[0, 60], Gen.Bool.Array[60]).Sample((stream, asOf, known, restarts) =>
        {
            var events = stream.Take(known).ToList();
            var state = EntityStateTests.Play(view, events, index => restarts[index % 60]);
            var admitted = view.Admit(events).Rows;
            var newest = admitted.Count == 0 ? Cards.Noon : admitted[^1].OccurredAt;
            state.TryEvaluate(newest)!.ShouldBe(view.Evaluate(admitted, newest));
            if (state.TryEvaluate(asOf) is { } values) values.ShouldBe(view.Evaluate(admitted, asOf));
            state.ToBytes().ShouldBeSame(EntityStateTests.Play(view, events, _ => false).ToBytes());
        }, iter: 25, threads: 1);
    }

    private static CompiledView View(string name)
    {
        var aggregate = AggregateCatalog.Find(name)!;
        var parameters = new AggregateParameters
        {
            K = aggregate.Parameters.Contains("k") ? 2 : null,
            Percentile = aggregate.Parameters.Contains("percentile") ? 0.9m : null,
            HalfLife = aggregate.Parameters.Contains("half_life") ? Duration.Parse("7m") : null,
            Bins = aggregate.Parameters.Contains("bins") ? 3 : null,
            ValuesMax = aggregate.Parameters.Contains("max_values") ? 6 : null,
            KeepNulls = aggregate.Parameters.Contains("nulls"),
        };
        string[] inputs = name is "any" or "all" ? ["approved"] : ["amount", "exact", "count"];
        // Where the beginning is too far back for the aggregate, a short window lets the state fold other rows away.
        var window = name is "rate" or "drawdown" ? Cards.Last("2h") : Cards.Ever;
        return Cards.Compiled([
            .. inputs.Select((of, index) => Cards.Feature(name, of, window, name: $"plain_{index}") with { Parameters = parameters }),
            .. inputs.Select((of, index) => Cards.Feature(name, of, Cards.Last("1h"), "approved", $"recent_{index}") with { Parameters = parameters }),
            Cards.Feature(name, inputs[0], window, name: "grouped") with { Parameters = parameters, GroupBy = "country" }]);
    }
}
