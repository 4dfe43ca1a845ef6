using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.UnitTests.Architecture;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Docs;

/// <summary>What the documentation of an aggregate has to say wherever it is read: beside its code and in the reference.</summary>
public sealed class AggregateDocumentationTests
{
    private static readonly string[] Types = ["number", "integer", "decimal", "list", "map", "kind", "true", "as it was"];

    // Over many inputs these estimate.
    private static readonly Dictionary<string, string> BoundOfSketch = new()
    {
        ["distinct_count"] = "standard error", ["percentile"] = "off by less than", ["median"] = "off by less than", ["approx_histogram"] = "is less than",
    };

    public static TheoryData<string> Names => [.. AggregateCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_aggregate_is_documented_with_its_type_its_rule_of_nulls_and_the_error_of_its_sketch(string name)
    {
        var source = SourceTree.Read($"src/EventFeatures.Core/FeatureViews/Aggregates/{AggregateCatalog.Find(name)!.GetType().Name}.cs");
        var documentation = source.Split("internal sealed class")[0];

        documentation.ShouldContain($"<c>{name}</c>");
        Types.ShouldContain(type => documentation.Contains(type, StringComparison.Ordinal), "Say of which type the value is.");
        documentation.ShouldContain("null", Case.Insensitive, "Say what null inputs do.");
        new[] { "null over", "Null over", "mpty over none", "0 over none", "null where", "Null where" }.ShouldContain(words => documentation.Contains(words, StringComparison.Ordinal), "Say what it is over no input.");
        documentation.ShouldContain(BoundOfSketch.GetValueOrDefault(name, ""));
    }
}
