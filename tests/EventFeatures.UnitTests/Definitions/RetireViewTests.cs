using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class RetireViewTests
{
    private static readonly ViewReference First = new("card_activity", 1);
    private static readonly ViewReference Second = new("card_activity", 2);

    private static string Next => Yaml.View.With("version: 1", "version: 2");

    private static string NextService => Yaml.Service.With("version: 1", "version: 2");

    [Fact]
    public async Task A_version_that_nothing_uses_is_retired_by_an_event_that_says_who_and_why()
    {
        await using var bench = await MovedOnAsync();

        var retired = await bench.SendAsync(new RetireView("card_activity", 1) { By = "ada", Why = "v2 is better" });

        retired.Position.ShouldBe(bench.Log.Events[^1].Position);
        bench.Log.Events[^1].Type.ShouldBe("FeatureViewVersionRetired");
        var registered = bench.Registry.Current;
        registered.RetiredViews[First].ShouldBe(new("ada", "v2 is better"));
        registered.ProjectedViews.Select(view => view.Key).ShouldBe([Second]);
        registered.Views.Keys.ShouldContain(First, "replay needs its definition");
        (await bench.SendAsync(new RetireView("card_activity", 1) { By = "ada" })).Position.ShouldBeNull();
        await using var other = await DefinitionBench.StartAsync(bench.Log);
        other.Registry.Current.RetiredViews.ShouldBe(registered.RetiredViews);
    }

    [Fact]
    public async Task A_version_that_serves_or_that_a_service_in_use_names_is_not_retired()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);
        (await RefusedAsync(bench, new RetireView("card_activity", 1) { By = "ada" })).Code.ShouldBe("view-serving");
        await bench.ApplyAsync(Next);
        await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada" });
        var used = await RefusedAsync(bench, new RetireView("card_activity", 1) { By = "ada" });
        (used.Code, used.Detail).ShouldBe(("view-in-use", "card_activity@v1 is read by fraud@v1 (which the model 'fraud' reads)."));
        await bench.ApplyAsync(NextService);
        (await RefusedAsync(bench, new RetireView("card_activity", 1) { By = "ada" })).Code.ShouldBe("view-in-use", "the model still reads the older service");
        (await RefusedAsync(bench, new RetireView("card_activity", 3) { By = "ada" })).Code.ShouldBe("view-version-unknown");
        (await RefusedAsync(bench, new RetireView("cards", 1) { By = "ada" })).Code.ShouldBe("view-unknown");
    }

    [Fact]
    public async Task Nothing_reads_switches_to_or_newly_names_a_retired_version_until_it_is_revived()
    {
        await using var bench = await MovedOnAsync();
        await bench.SendAsync(new RetireView("card_activity", 1) { By = "ada", Why = "v2 is better" });
        var read = new GetFeatures(new Dictionary<string, string> { ["card"] = "a" });

        (await RefusedAsync(bench, new SwitchView("card_activity", 1) { By = "ada" })).Code.ShouldBe("view-retired");
        (await RefusedAsync(bench, new SwitchView("card_activity", null) { By = "ada" })).Code.ShouldBe("view-retired");
        (await RefusedAsync(bench, new RebuildView("card_activity@v1"))).Message.ShouldContain("was retired by ada: v2 is better. Name another version, or have it projected again from the log: views revive card_activity --version 1.");
        var pinned = Yaml.Service.With("version: 1", "version: 3").With("card_activity__count_1h,", "card_activity@v1__count_1h,");
        (await bench.IssuesAsync(pinned)).ShouldHaveSingleItem().ShouldContain("fraud@v3 reads card_activity@v1, which was retired by ada");
        (await bench.PlanAsync(Yaml.All)).Pending.ShouldBeEmpty("what is registered already is no change");

        (await bench.SendAsync(new RetireView("card_activity", 1) { By = "grace", Revive = true })).Position.ShouldNotBeNull();
        bench.Registry.Current.RetiredViews.ShouldBeEmpty();
        (await bench.SendAsync(new SwitchView("card_activity", 1) { By = "ada" })).Served.ShouldBe(First);
        (await bench.SendAsync(new RetireView("card_activity", 1) { By = "grace", Revive = true })).Position.ShouldBeNull();
    }

    [Fact]
    public async Task A_service_that_was_applied_while_its_view_was_retired_stops_no_registry()
    {
        await using var bench = await MovedOnAsync();
        var planned = bench.Registry.Current;
        await bench.SendAsync(new RetireView("card_activity", 1) { By = "ada" });
        // As another server appends it that has not seen the retirement.
        var (declared, result) = DeclaredDefinitions.Check(
            [new DefinitionFile("a.yaml", Yaml.Service.With("version: 1", "version: 3").With("card_activity__count_1h,", "card_activity@v1__count_1h,"))], planned);
        var applied = DefinitionApplied.Of(declared[0].Definition, result.Services["fraud@v3"], "grace", "");
        await bench.Log.AppendToStreamAsync("featureservice-fraud", StreamState.Any, [applied.ToEventData(new EventMetadata())]);

        await bench.Registry.SeenAsync(bench.Log.Events[^1].Position, TimeSpan.FromSeconds(10));
        bench.Registry.Fault.ShouldBeNull();
        (await RefusedAsync(bench, new GetFeatures(new Dictionary<string, string> { ["card"] = "a" }) { Service = "fraud@v3" })).Code.ShouldBe("view-retired");
    }

    [Fact]
    public async Task A_switch_that_is_asked_for_at_apply_is_planned_until_another_is_decided_on()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.SendAsync(new ApplyDefinitions([.. Yaml.All.Select((text, i) => new DefinitionFile($"{i}.yaml", text))]) { By = "ada", SwitchWhenCaughtUp = true });
        bench.Registry.Current.PlannedSwitches.ShouldBeEmpty("the first version serves anyway");

        await bench.SendAsync(new ApplyDefinitions([new DefinitionFile("next.yaml", Next)]) { By = "ada", Why = "it is better", SwitchWhenCaughtUp = true });

        bench.Log.Events.Where(recorded => recorded.StreamId == "featureview-card_activity").Select(recorded => recorded.Type)
            .ShouldBe(["DefinitionApplied", "FeatureViewVersionServed", "DefinitionApplied", "FeatureViewSwitchPlanned"]);
        bench.Registry.Current.PlannedSwitches["card_activity"].ShouldBe(new(2, "ada", "it is better"));
        bench.Registry.Current.ServedView("card_activity").ShouldBe(First);
        await bench.SendAsync(new SwitchView("card_activity", 2) { By = "grace" });
        bench.Registry.Current.PlannedSwitches.ShouldBeEmpty();
    }

    private static async Task<RefusedException> RefusedAsync<T>(DefinitionBench bench, MediatR.IRequest<T> request) =>
        await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(request));

    /// <summary>A second version of view and service, which serve and which the model reads.</summary>
    private static async Task<DefinitionBench> MovedOnAsync()
    {
        var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);
        await bench.ApplyAsync(Next);
        await bench.ApplyAsync(NextService);
        await bench.ApplyAsync(Yaml.Model.With("name: fraud", "name: fraud\nversion: 2"));
        await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada" });
        return bench;
    }
}
