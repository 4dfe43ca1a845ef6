using CsCheck;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class GroupByTests
{
    [Fact]
    public void Each_group_has_the_value_that_its_events_alone_would_have() =>
        Gen.Select(Streams.Any, Streams.Windows, Streams.Instants).Sample((stream, window, asOf) =>
        {
            var countries = new[] { "FR", "DE", "ES", "", "\U0001F600" };
            var view = Cards.Compiled([
                Cards.Feature("sum", "amount", window, "approved", "grouped") with { GroupBy = "country" },
                .. countries.Select((country, index) => Cards.Feature("sum", "amount", window, $"approved and country == '{country}'", $"alone_{index}"))]);
            var values = view.Evaluate(view.Admit(stream).Rows, asOf);
            if (values[0].Status == FeatureStatus.NotFound) return;
            var expected = countries.Index().Where(country => !values[country.Index + 1].Value.IsNull)
                .ToDictionary(country => country.Item, country => values[country.Index + 1].Value);
            values[0].Value.ShouldBe(Value.Of(expected));
        }, iter: 200, threads: 1);

    [Fact]
    public void Groups_are_named_by_their_values_and_events_without_a_group_do_not_count()
    {
        var view = Cards.Compiled(
            Cards.Feature("count", null, Cards.Ever, name: "a") with { GroupBy = "country" },
            Cards.Feature("count", null, Cards.Ever, name: "b") with { GroupBy = "approved" },
            Cards.Feature("first", "amount", Cards.Ever, name: "c") with { GroupBy = "exact" },
            Cards.Feature("count", null, Cards.Ever, "false", name: "d") with { GroupBy = "country" });
        var rows = view.Admit([
            Cards.Paid(0, Cards.Noon, "\"country\":\"FR\",\"approved\":true,\"exact\":1.50,\"amount\":1"),
            Cards.Paid(1, Cards.Noon, "\"country\":\"FR\",\"approved\":false,\"exact\":1.5,\"amount\":2"),
            Cards.Paid(2, Cards.Noon, "\"amount\":3")]).Rows;
        view.Evaluate(rows, Cards.Noon).Select(value => value.Value.ToString()).ShouldBe(
            ["{\"FR\":2}", "{\"false\":1,\"true\":1}", "{\"1.5\":1}", "{}"]);
        view.FeatureShapes[0].ShouldBe(ValueShape.MapOf(ValueKind.Integer));
    }

    [Fact]
    public void More_groups_than_allowed_are_null_however_they_came_together()
    {
        var view = Cards.Compiled(Cards.Feature("count", null, Cards.Last("1h")) with
        {
            GroupBy = "country", Parameters = new AggregateParameters { GroupsMax = 2 },
        });
        FeatureRow Row(int revision, string country, int minute) =>
            Cards.Row(view, Cards.Paid(revision, Cards.Noon + new Core.Time.Duration(minute * 60_000_000L), $"\"country\":\"{country}\""));
        FeatureRow[] rows = [Row(0, "FR", 0), Row(1, "DE", 1), Row(2, "ES", 70)];
        view.Evaluate(rows, rows[1].OccurredAt)[0].Value.ToString().ShouldBe("{\"DE\":1,\"FR\":1}");
        view.Evaluate([rows[0], rows[1], Row(3, "ES", 2)], Cards.Noon + new Core.Time.Duration(180_000_000L))[0].Status.ShouldBe(FeatureStatus.Null);
        view.Evaluate(rows, rows[2].OccurredAt)[0].Value.ToString().ShouldBe("{\"ES\":1}");

        var some = Fold("FR", "DE");
        some.Merge(Fold("ES"));
        Folds.Bytes(some).ShouldBeSame(Folds.Bytes(Fold("ES", "IT", "FR")));
        some.Merge(Fold("FR"));
        some.Finish(Cards.Noon).ShouldBe(Value.Null);
    }

    [Fact]
    public void Order_and_grouping_never_change_a_byte() =>
        Gen.Select(Gen.OneOf("FR", "DE", "ES", "IT").Array[0, 12], Gen.Int[0, 1_000_000], Gen.Int[1, 5]).Sample((countries, seed, size) =>
        {
            var shuffled = countries.ToArray();
            new Random(seed).Shuffle(shuffled);
            var merged = Fold();
            foreach (var chunk in shuffled.Chunk(size)) merged.Merge(Fold(chunk));
            Folds.Bytes(merged).ShouldBeSame(Folds.Bytes(Fold(countries)));
            Folds.Bytes(Folds.Restored(merged, Fold())).ShouldBeSame(Folds.Bytes(merged));
        }, iter: 200, threads: 1);

    [Theory]
    [InlineData("amount", null, "type-mismatch", "features[0].group_by")]
    [InlineData("tags", null, "expression-invalid", "features[0].group_by")]
    [InlineData("country", 0L, "parameter-invalid", "features[0].max_groups")]
    [InlineData("country", 10_001L, "parameter-invalid", "features[0].max_groups")]
    [InlineData(null, 5L, "parameter-unknown", "features[0].max_groups")]
    public void A_wrong_grouping_is_refused(string? by, long? groupsMax, string code, string path)
    {
        var feature = Cards.Feature("count", null, Cards.Ever) with { GroupBy = by, Parameters = new AggregateParameters { GroupsMax = groupsMax } };
        var issue = Should.Throw<DefinitionInvalidException>(() => Cards.Compiled(feature)).Issues.Single();
        (issue.Code, issue.Path).ShouldBe((code, path));
    }

    private static Accumulator Fold(params string[] countries)
    {
        var fold = new GroupedFold(() => AggregateCatalog.Find("count")!.Start(new AggregateInput(Of: null)), 2);
        foreach (var country in countries) fold.Add(GroupedFold.Pair(Value.Of(country), Value.Null), default);
        return fold;
    }
}
