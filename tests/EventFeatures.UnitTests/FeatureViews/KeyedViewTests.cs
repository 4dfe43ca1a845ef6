using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

public sealed class KeyedViewTests
{
    [Fact]
    public void A_payload_field_may_be_the_key()
    {
        var view = Shops.Compile([Shops.ByShop], Cards.Feature("sum", "amount", Cards.Ever));
        var row = Rows(view.Read(Shops.Paid(3, """{"amount":2,"shop":"s1"}"""))).ShouldHaveSingleItem();
        (row.EntityKey, row.StreamId).ShouldBe(("s1", "card-1"));
        row.Columns.ShouldBe([Value.Of(2.0)]);
    }

    [Theory]
    [InlineData("""{"tags":["a","b","a",null]}""", "a", "b")]
    [InlineData("""{"tags":["b"]}""", "b")]
    [InlineData("""{"tags":[]}""")]
    [InlineData("""{"tags":[null]}""")]
    [InlineData("""{"tags":null}""")]
    [InlineData("""{}""")]
    public void A_list_gives_a_row_for_each_different_element(string payload, params string[] keys)
    {
        var reading = Shops.Compile([new ViewSource("payments/1") { Key = ["tags"] }]).Read(Shops.Paid(1, payload)).ShouldBeOfType<RowReading.Rows>();
        reading.Values.Select(row => row.EntityKey).ShouldBe(keys);
        (reading.Unkeyed is null).ShouldBe(keys.Length > 0);
    }

    [Fact]
    public void An_integer_is_a_key_in_its_shortest_form()
    {
        var view = CompiledView.Compile(
            Shops.View([new ViewSource("payments/1") { Key = ["likes"] }]) with { Entity = "branch" }, Shops.Contracts, Shops.EntityOf("branch", ("branch", ValueKind.Integer)));
        Rows(view.Read(Shops.Paid(1, """{"likes":[10.0,-7,1e1]}"""))).Select(row => row.EntityKey).ShouldBe(["10", "-7"]);
    }

    [Fact]
    public void The_parts_of_a_composite_key_are_each_combination_of_lists()
    {
        var entity = Shops.EntityOf("pair", ("tag", ValueKind.String), ("branch", ValueKind.Integer), ("shop", ValueKind.String));
        var view = CompiledView.Compile(
            Shops.View([new ViewSource("payments/1") { Key = ["tags", "likes", "shop"] }]) with { Entity = "pair" }, Shops.Contracts, entity);
        var keys = Rows(view.Read(Shops.Paid(1, """{"tags":["x","y"],"likes":[1,2],"shop":"s"}"""))).Select(row => row.EntityKey).ToList();
        keys.ShouldBe(["x\u001f1\u001fs", "x\u001f2\u001fs", "y\u001f1\u001fs", "y\u001f2\u001fs"]);
        EntityKeys.Split(entity, keys[1]).ShouldBe(["x", "2", "s"]);
        Rows(view.Read(Shops.Paid(1, """{"tags":["x"],"likes":[],"shop":"s"}"""))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"shop":""}""", "entity-key-invalid", "Field 'shop' is part of the key and is empty: \"\".")]
    [InlineData("""{"shop":"a\u001fb"}""", "entity-key-invalid", "holds a control character")]
    [InlineData("""{"shop":7}""", "type-mismatch", "must be a string")]
    public void What_no_key_can_be_is_a_violation(string payload, string code, string detail)
    {
        var violation = Shops.Compile([Shops.ByShop]).Read(Shops.Paid(1, payload)).ShouldBeOfType<RowReading.Violation>();
        violation.Code.ShouldBe(code);
        violation.Detail.ShouldContain(detail);
    }

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(1_001, "entity-key-invalid")]
    public void A_key_is_at_most_as_long_as_an_index_takes(int length, string? code) =>
        (Shops.Compile([Shops.ByShop]).Read(Shops.Paid(1, $$"""{"shop":"{{new string('x', length)}}"}""")) as RowReading.Violation)?.Code.ShouldBe(code);

    [Theory]
    [InlineData(256, false)]
    [InlineData(257, true)]
    public void One_event_touches_a_bounded_number_of_entities(int count, bool refused)
    {
        var reading = Shops.Compile([new ViewSource("payments/1") { Key = ["tags"] }])
            .Read(Shops.Paid(1, $$"""{"tags":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"t{i}\""))}}]}"""));
        if (refused) reading.ShouldBeOfType<RowReading.Violation>().Code.ShouldBe("entities-too-many");
        else Rows(reading).Count.ShouldBe(count);
    }

    [Theory]
    [InlineData("""{"open":{"who":{"shop":"s9"}}}""", "s9")]
    [InlineData("""{"open":{"who":{}}}""", "")]
    [InlineData("""{"open":{}}""", "")]
    [InlineData("""{"open":{"who":{"shop":5}}}""", null)]
    [InlineData("""{"open":{"who":"s9"}}""", null)]
    public void A_key_may_lie_within_an_object_whose_members_no_contract_declares(string payload, string? key)
    {
        var reading = Shops.Compile([new ViewSource("payments/1") { Key = ["open.who.shop"] }]).Read(Shops.Paid(1, payload));
        if (key is null) reading.ShouldBeOfType<RowReading.Violation>().Code.ShouldBe("entity-key-invalid");
        else Rows(reading).Select(row => row.EntityKey).ShouldBe(key.Length > 0 ? [key] : []);
    }

    [Fact]
    public void Several_contracts_are_one_history_and_a_field_that_one_lacks_is_null_there()
    {
        var view = Shops.Compile(
            [Shops.ByShop, new ViewSource("refunds/1") { Key = ["seller"] }],
            Cards.Feature("sum", "amount", Cards.Ever, name: "sum"), Cards.Feature("count", "reason", Cards.Ever, name: "reasons"),
            Cards.Feature("count", null, Cards.Ever, "event_type == 'Paid'", name: "payments"));
        view.Columns.Select(column => column.Name).ShouldBe(["amount", "event_type", "reason"]);
        var admitted = view.Admit([
            Shops.Paid(1, """{"amount":10,"shop":"s1"}"""),
            Shops.Refunded(2, """{"amount":4,"seller":"s1","reason":"broken"}""", minute: 1),
            Shops.Paid(3, """{"amount":1,"shop":"s2"}""", minute: 2)]);
        var rows = admitted.Rows.Where(row => row.EntityKey == "s1").ToList();
        rows.Select(row => row.EventType).ShouldBe(["Paid", "Refunded"]);
        view.Evaluate(rows, Shops.Noon + new Core.Time.Duration(60_000_000)).Select(value => value.Value).ShouldBe([Value.Of(14.0), Value.Of(1L), Value.Of(1L)]);
        (view.IsKeyedByStream, view.EntitiesAreStreams, view.ContractDigest).ShouldBe((false, false, "p1+r1"));
    }

    [Fact]
    public void A_source_may_leave_events_out_and_rename_fields()
    {
        var view = Shops.Compile(
            [Shops.ByShop with { Where = "amount > 5 and event_type == 'Paid'" }, new ViewSource("refunds/1") { Key = ["seller"], As = new Dictionary<string, string> { ["amount"] = "refunded" } }],
            Cards.Feature("sum", "amount", Cards.Ever, name: "paid"), Cards.Feature("sum", "refunded", Cards.Ever, name: "refunded"));
        Rows(view.Read(Shops.Paid(1, """{"amount":5,"shop":"s1"}"""))).ShouldBeEmpty();
        Rows(view.Read(Shops.Paid(1, """{"shop":"s1"}"""))).ShouldBeEmpty();
        Rows(view.Read(Shops.Paid(1, """{"amount":6,"shop":"s1"}"""))).ShouldHaveSingleItem().Columns.ShouldBe([Value.Of(6.0), Value.Null]);
        Rows(view.Read(Shops.Refunded(1, """{"amount":6,"seller":"s1"}"""))).ShouldHaveSingleItem().Columns.ShouldBe([Value.Null, Value.Of(6.0)]);
    }

    [Fact]
    public void What_is_left_out_may_overflow_and_what_is_not_may_not()
    {
        var view = Shops.Compile([Shops.ByShop with { Where = "branch * 2 > 0" }], Cards.Feature("sum", "times * 2", Cards.Ever));
        view.Read(Shops.Paid(1, """{"shop":"s","branch":9223372036854775807}""")).ShouldBeOfType<RowReading.Violation>().Code.ShouldBe("expression-overflow");
        Rows(view.Read(Shops.Paid(1, """{"shop":"s","branch":0,"times":9223372036854775807}"""))).ShouldBeEmpty();
        view.Read(Shops.Paid(1, """{"shop":"s","branch":1,"times":9223372036854775807}""")).ShouldBeOfType<RowReading.Violation>().Code.ShouldBe("expression-overflow");
    }

    [Fact]
    public void Every_issue_of_the_sources_is_listed_with_its_path()
    {
        var view = Shops.View(
            [
                new ViewSource("payments/1") { Key = ["shpo"], Where = "amount", As = new Dictionary<string, string> { ["x"] = "y", ["branch"] = "shop" } },
                new ViewSource("refunds/1") { Key = ["seller", "reason"], Where = "amuont > 1" },
                new ViewSource("payments/1") { Key = ["loose"] },
                new ViewSource("payments/1") { Key = ["likes"] },
                new ViewSource("none/1"),
            ],
            Cards.Feature("last", "note", Cards.Ever));
        Issues(view).Select(issue => (issue.Code, issue.Path)).ShouldBe([
            ("source-field-unknown", "sources[0].as"), ("name-duplicated", "sources[0].as"), ("where-not-a-condition", "sources[0].where"), ("key-field-invalid", "sources[0].key"),
            ("expression-invalid", "sources[1].where"), ("key-count-mismatch", "sources[1].key"), ("key-field-invalid", "sources[2].key"), ("key-field-invalid", "sources[3].key"),
            ("contract-mismatch", "sources[4].contract"), ("source-ambiguous", "sources[2].contract"), ("source-ambiguous", "sources[3].contract"), ("source-ambiguous", "sources[3].contract"),
            ("field-type-conflict", "features[0].of")]);
        Issues(view)[3].Message.ShouldEndWith("Did you mean 'shop'?");
    }

    [Fact]
    public void A_conflict_of_types_hurts_only_who_uses_the_name()
    {
        Shops.Compile([Shops.ByShop, new ViewSource("refunds/1") { Key = ["seller"] }]).Columns.ShouldBeEmpty();
        Shops.Compile(
            [Shops.ByShop, new ViewSource("refunds/1") { Key = ["seller"], As = new Dictionary<string, string> { ["note"] = "refund_note" } }],
            Cards.Feature("last", "note", Cards.Ever)).Columns.ShouldBe([new ViewColumn("note", ValueKind.String)]);
    }

    [Fact]
    public void Streams_of_several_categories_may_be_of_one_entity()
    {
        var view = Shops.Compile([new ViewSource("payments/1"), new ViewSource("refunds/1")]);
        (view.IsKeyedByStream, view.EntitiesAreStreams).ShouldBe((true, false));
        view.StreamsOf("7").ShouldBe(["card-7", "refund-7"]);
        view.Admit([Shops.Paid(1, "{}", "card-7"), Shops.Refunded(2, """{"amount":1,"seller":"x"}""", "refund-7")]).Rows.Select(row => row.EntityKey).ShouldBe(["7", "7"]);
    }

    private static IReadOnlyList<FeatureRow> Rows(RowReading reading) => reading.ShouldBeOfType<RowReading.Rows>().Values;

    private static IReadOnlyList<DefinitionIssue> Issues(FeatureView view) =>
        Should.Throw<DefinitionInvalidException>(() => CompiledView.Compile(view, Shops.Contracts, Shops.Shop)).Issues;
}
