using System.Text;
using System.Text.Json;
using EventFeatures.Application.Definitions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class ApplyTests
{
    [Fact]
    public async Task Each_change_is_one_event_in_the_stream_of_its_name_in_the_order_of_dependence()
    {
        await using var bench = await DefinitionBench.StartAsync();

        var applied = await bench.ApplyAsync([.. Yaml.All.Reverse()]);

        bench.Log.Events.Select(recorded => (recorded.StreamId, recorded.Revision, recorded.Type)).ShouldBe(
        [
            ("contract-payments.authorisation", 0, "DefinitionApplied"), ("entity-card", 0, "DefinitionApplied"),
            ("featureview-card_activity", 0, "DefinitionApplied"), ("featureservice-fraud", 0, "DefinitionApplied"), ("model-fraud", 0, "DefinitionApplied"),
        ]);
        applied.Position.ShouldBe(bench.Log.Events[^1].Position);
        applied.Plan.Changes.ShouldAllBe(change => change.Action == DefinitionAction.Create);
    }

    [Fact]
    public async Task An_event_says_what_was_applied_by_whom_and_why()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.SendAsync(new ApplyDefinitions([new DefinitionFile("card.yaml", Yaml.Entity)]) { By = "ada@example.com", Why = "first entity", CorrelationId = "c-1" });

        var recorded = bench.Log.Events.ShouldHaveSingleItem();
        const string Canonical = """{"apiVersion":"eventfeatures/v1","keys":[{"name":"card","type":"string"}],"kind":"Entity","name":"card"}""";
        var digest = EventFeatures.Core.Definitions.CanonicalJson.Digest(Canonical);
        Encoding.UTF8.GetString(recorded.Data.Span).ShouldBe(
            $$"""{"kind":"Entity","name":"card","version":"1","digest":"{{digest}}","definition":{{Canonical}},"pins":{},"by":"ada@example.com","why":"first entity"}""");
        var metadata = EventMetadata.FromJson(recorded.Metadata);
        (metadata.CorrelationId, metadata.Producer).ShouldBe(("c-1", "ada@example.com"));
    }

    [Fact]
    public async Task Applying_again_changes_nothing()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);

        var again = await bench.ApplyAsync(Yaml.All);

        again.Position.ShouldBeNull();
        again.Plan.Changes.ShouldAllBe(change => change.Action == DefinitionAction.Unchanged && change.Differences.Count == 0);
        bench.Log.Events.Count.ShouldBe(Yaml.All.Length);
    }

    [Fact]
    public async Task Layout_comments_and_key_order_are_no_change()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Entity);

        var plan = await bench.PlanAsync("# a comment\nkeys:\n  - type: \"string\"\n    name: card\nname: card\nkind: Entity\napiVersion: eventfeatures/v1\n");

        plan.Changes.ShouldHaveSingleItem().Action.ShouldBe(DefinitionAction.Unchanged);
    }

    [Fact]
    public async Task A_dry_run_appends_nothing()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var applied = await bench.SendAsync(new ApplyDefinitions([new DefinitionFile("card.yaml", Yaml.Entity)]) { By = "ada", DryRun = true });
        applied.Plan.Pending.ShouldHaveSingleItem();
        bench.Log.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Changing_what_a_version_means_is_refused_with_both_digests()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);

        var issues = await bench.IssuesAsync(Yaml.View.With("window: 1h", "window: 2h"));

        issues.ShouldHaveSingleItem().ShouldStartWith("a.yaml:4: version: FeatureView card_activity 1 is registered with the digest ");
        issues[0].ShouldEndWith("Changing what a version means is not possible; give it a new version, 2 or later. [version-taken]");
    }

    [Fact]
    public async Task A_new_version_shows_its_difference_and_stands_beside_the_old_one()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);
        var second = Yaml.View.With("version: 1", "version: 2").With("window: 1h", "window: 2h").With("  - { name: mean_7d, aggregate: mean, of: amount, window: 7d }", "  - { name: total, aggregate: sum, of: amount }");

        var applied = await bench.ApplyAsync(second);

        applied.Plan.Changes.ShouldHaveSingleItem().Differences.ShouldBe(
        [
            """~ features[count_1h].window: "1h" -> "2h" """.TrimEnd(),
            """- features[mean_7d]: {"aggregate":"mean","name":"mean_7d","of":"amount","window":"7d"}""",
            """+ features[total]: {"aggregate":"sum","name":"total","of":"amount"}""",
            "~ version: 1 -> 2",
        ]);
        bench.Registry.Current.Views.Keys.ShouldBe([new ViewReference("card_activity", 1), new ViewReference("card_activity", 2)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_service_keeps_the_view_version_that_was_newest_when_it_was_applied()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);
        await bench.ApplyAsync(Yaml.View.With("version: 1", "version: 2"));

        bench.Registry.Current.Services["fraud@v1"].Features[0].ViewVersion.ShouldBe(1);
        bench.Registry.Current.Models["fraud"].Definition.Service.ShouldBe("fraud@v1");
        (await bench.ApplyAsync(Yaml.All)).Position.ShouldBeNull();
        using var service = JsonDocument.Parse(bench.Log.Events[3].Data);
        service.RootElement.GetProperty("pins").GetRawText().ShouldBe("""{"card_activity":1}""");
    }

    [Fact]
    public async Task A_version_below_the_newest_is_refused()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Entity.With("name: card\n", "name: card\nversion: 5\n"));
        (await bench.IssuesAsync(Yaml.Entity)).ShouldHaveSingleItem().ShouldEndWith(
            "Entity card 1 comes after 5 was registered. Give it the version 6 or later. [version-older]");
    }

    [Fact]
    public async Task Two_who_apply_at_once_do_not_overwrite_each_other()
    {
        var log = new InMemoryLog();
        await using var bench = await DefinitionBench.StartAsync(log, new RacingLog(log, "entity-card"));

        var refused = await Should.ThrowAsync<RefusedException>(() => bench.ApplyAsync(Yaml.Contract, Yaml.Entity));

        refused.Code.ShouldBe("definitions-changed-meanwhile");
        refused.Detail.ShouldContain("somebody changed 'entity-card' after this was planned");
        refused.Detail.ShouldContain("Applied before that: payments.authorisation/1.");
    }

    [Fact]
    public async Task What_a_failing_log_left_half_applied_is_finished_by_applying_again()
    {
        var log = new InMemoryLog();
        await using var bench = await DefinitionBench.StartAsync(log, new FailingLog(log, failingAppend: 3));
        await Should.ThrowAsync<LogUnavailableException>(() => bench.ApplyAsync(Yaml.All));

        await bench.Registry.SeenAsync(log.Events[^1].Position, TimeSpan.FromSeconds(20));
        var again = await bench.ApplyAsync(Yaml.All);

        again.Plan.Changes.Select(change => change.Action).ShouldBe(
            [DefinitionAction.Unchanged, DefinitionAction.Unchanged, DefinitionAction.Create, DefinitionAction.Create, DefinitionAction.Create]);
        log.Events.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Somebody_has_to_apply()
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await Should.ThrowAsync<EventFeatures.Application.Pipeline.CommandInvalidException>(
            () => bench.SendAsync(new ApplyDefinitions([new DefinitionFile("card.yaml", Yaml.Entity)]) { By = "" }))).Message.ShouldContain("Say who applies");
    }
}
