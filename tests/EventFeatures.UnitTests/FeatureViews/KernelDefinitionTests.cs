using CsCheck;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class KernelDefinitionTests
{
    [Theory]
    [InlineData("count", null)]
    [InlineData("count", "amount")]
    [InlineData("sum", "amount")]
    [InlineData("sum", "exact")]
    [InlineData("sum", "count")]
    [InlineData("mean", "amount")]
    [InlineData("mean", "exact")]
    [InlineData("mean", "count")]
    [InlineData("stddev_samp", "amount")]
    [InlineData("stddev_samp", "exact")]
    [InlineData("stddev_samp", "count")]
    [InlineData("min", "amount")]
    [InlineData("min", "country")]
    [InlineData("min", "occurred_at")]
    [InlineData("max", "amount")]
    [InlineData("max", "exact")]
    [InlineData("max", "count")]
    [InlineData("first", "country")]
    [InlineData("first", "amount")]
    [InlineData("last", "exact")]
    [InlineData("distinct_count", "country")]
    [InlineData("distinct_count", "count")]
    [InlineData("seconds_since_last", null)]
    [InlineData("seconds_since_last", "count")]
    public void A_kernel_is_its_naive_definition_bit_for_bit(string aggregate, string? of)
    {
        var views = new Dictionary<(Window, bool), CompiledView>();
        Gen.Select(Streams.Any, Streams.Windows, Streams.Instants, Gen.Bool).Sample((stream, window, asOf, filtered) =>
        {
            if (!views.TryGetValue((window, filtered), out var view))
                views.Add((window, filtered), view = Cards.Compiled(Cards.Feature(aggregate, of, window, filtered ? "approved" : null)));
            var rows = view.Admit(stream).Rows;
            var value = view.Evaluate(rows, asOf)[0];

            var known = rows.Where(row => row.OccurredAt <= asOf).ToList();
            if (known.Count == 0)
            {
                value.Status.ShouldBe(FeatureStatus.NotFound);
                return;
            }
            var counted = known.Where(row => Naive.Holds(window, row.OccurredAt, asOf) && (!filtered || Field(view, row, "approved") == Value.Of(true)))
                .Select(row => (row.OccurredAt, of is null ? Value.Null : Field(view, row, of))).ToList();
            value.Value.ShouldBe(Naive.Aggregate(aggregate, of is not null, counted, asOf));
        }, iter: 150, threads: 1);
    }

    private static Value Field(CompiledView view, FeatureRow row, string name)
    {
        for (var i = 0; i < view.Columns.Count; i++)
            if (view.Columns[i].Name == name) return row.Columns[i];
        throw new ArgumentException(name);
    }
}
