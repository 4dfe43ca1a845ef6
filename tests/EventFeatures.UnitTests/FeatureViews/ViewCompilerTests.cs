using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class ViewCompilerTests
{
    [Fact]
    public void Every_issue_is_listed_with_its_path()
    {
        var view = Cards.View("0s",
            Cards.Feature("cuont", null, Cards.Ever, name: "a"),
            Cards.Feature("sum", null, Cards.Ever, name: "b"),
            Cards.Feature("sum", "country", Cards.Ever, name: "c"),
            Cards.Feature("mean", "amuont", Cards.Ever, name: "d"),
            Cards.Feature("count", null, new Window.Sliding(Duration.Zero), "amount", name: "e"),
            Cards.Feature("count", null, Cards.Ever, "country = 'FR'", name: "e"),
            Cards.Feature("count", null, Cards.Ever, name: "f__g"));
        Issues(view).Select(issue => (issue.Code, issue.Path)).ShouldBe([
            ("ttl-invalid", "ttl"),
            ("aggregate-unknown", "features[0].aggregate"),
            ("of-missing", "features[1].of"),
            ("type-mismatch", "features[2].of"),
            ("expression-invalid", "features[3].of"),
            ("window-invalid", "features[4].window"),
            ("where-not-a-condition", "features[4].where"),
            ("name-duplicated", "features[5].name"),
            ("expression-invalid", "features[5].where"),
            ("name-invalid", "features[6].name")]);
    }

    [Fact]
    public void Messages_name_what_was_probably_meant()
    {
        var issues = Issues(Cards.View(null, Cards.Feature("cuont", null, Cards.Ever, name: "a"), Cards.Feature("sum", "amuont", Cards.Ever, name: "b"), Cards.Feature("zzz", "amount", Cards.Ever, name: "c")));
        issues[0].Message.ShouldBe("There is no aggregate 'cuont'. Did you mean 'count'?");
        issues[1].Message.ShouldBe("In 'amuont': There is no field 'amuont'. Did you mean 'amount'? (column 1)");
        issues[2].Message.ShouldContain("Allowed: all, any, approx_histogram,");
    }

    [Theory]
    [InlineData("count", null, "Aggregate 'count' has no parameter 'nulls'. It takes none.")]
    [InlineData("mean", "amount", "Aggregate 'mean' has no parameter 'nulls'. It takes none.")]
    public void A_parameter_that_an_aggregate_does_not_take_is_refused(string aggregate, string? of, string message)
    {
        var issue = Issues(Cards.View(null, Cards.Feature(aggregate, of, Cards.Ever) with { Parameters = new() { KeepNulls = true } })).Single();
        (issue.Code, issue.Path, issue.Message).ShouldBe(("parameter-unknown", "features[0].nulls", message));
    }

    [Fact]
    public void A_view_belongs_to_its_contract_and_entity()
    {
        var view = Cards.View(null, Cards.Feature("count", null, Cards.Ever)) with { Sources = [new ViewSource("other/1")], Entity = "shop" };
        var composite = Cards.Card with { Keys = [new EntityKeyPart("a", ValueKind.String), new EntityKeyPart("b", ValueKind.String)] };
        Issues(view).Select(issue => issue.Code).ShouldBe(["contract-mismatch", "entity-mismatch"]);
        Issues(Cards.View(null, Cards.Feature("count", null, Cards.Ever)), entity: composite).Select(issue => issue.Code).ShouldBe(["key-count-mismatch"]);
        Issues(Cards.View()).Single().Code.ShouldBe("features-missing");
    }

    [Fact]
    public void A_name_means_one_type_in_all_event_types_of_a_contract()
    {
        var types = new Dictionary<string, EventSchema>(Cards.Contract.EventTypes)
        {
            ["Refunded"] = new("Refunded", [new Field("amount", ValueKind.Integer, true), new Field("occurred_at", ValueKind.String, true)]),
        };
        Issues(Cards.View(null, Cards.Feature("count", null, Cards.Ever)), Cards.Contract with { EventTypes = types })
            .Select(issue => issue.Code).ShouldBe(["field-type-conflict", "event-time-invalid", "field-type-conflict"]);
    }

    [Fact]
    public void Columns_are_the_fields_that_features_use_ordered_by_name()
    {
        var view = Cards.Compiled(
            Cards.Feature("sum", "amount * 2", Cards.Ever, "country in ('FR')", name: "a"), Cards.Feature("last", "exact", Cards.Ever, name: "b"), Cards.Feature("sum", "count", Cards.Ever, name: "c"));
        view.Columns.ShouldBe([new("amount", ValueKind.Number), new("count", ValueKind.Integer), new("country", ValueKind.String), new("exact", ValueKind.Decimal)]);
        view.FeatureKinds.ShouldBe([ValueKind.Number, ValueKind.Decimal, ValueKind.Decimal]);
    }

    [Fact]
    public void Reading_tells_foreign_events_from_broken_ones()
    {
        var view = Cards.Compiled(Cards.Feature("sum", "amount", Cards.Ever));
        view.Read(Cards.Event(0, "{}", stream: "shop-1")).ShouldBeOfType<RowReading.NotMine>();
        view.Read(Cards.Event(0, "{}", type: "Other")).ShouldBeOfType<RowReading.NotMine>();
        view.Read(Cards.Event(0, "{}", stream: "card-")).ShouldBeOfType<RowReading.Violation>().Code.ShouldBe("stream-name-invalid");
        view.Read(Cards.Event(0, "{}")).ShouldBeOfType<RowReading.Violation>().Code.ShouldBe("event-time-missing");
        var row = view.Read(Cards.Paid(3, Cards.Noon, "\"amount\":2")).ShouldBeOfType<RowReading.Row>().Value;
        row.ShouldBe(new FeatureRow("1", Cards.Noon, Cards.Noon, new(35), "card-1", 3, Cards.Id(3), "Paid", row.Columns));
        row.Columns.ShouldBe([Value.Of(2.0)]);
    }

    [Fact]
    public void An_expression_that_overflows_makes_its_event_a_violation()
    {
        var view = Cards.Compiled(Cards.Feature("sum", "count * 2", Cards.Ever, "approved", name: "doubled"));
        view.Read(Cards.Paid(0, Cards.Noon, "\"approved\":false,\"count\":9223372036854775807")).ShouldBeOfType<RowReading.Row>();
        var violation = view.Read(Cards.Paid(0, Cards.Noon, "\"approved\":true,\"count\":9223372036854775807")).ShouldBeOfType<RowReading.Violation>();
        violation.Code.ShouldBe("expression-overflow");
        violation.Detail.ShouldContain("'doubled'");
    }

    private static IReadOnlyList<DefinitionIssue> Issues(FeatureView view, DataContract? contract = null, Entity? entity = null) =>
        Should.Throw<DefinitionInvalidException>(() => CompiledView.Compile(view, contract ?? Cards.Contract, entity ?? Cards.Card)).Issues;
}
