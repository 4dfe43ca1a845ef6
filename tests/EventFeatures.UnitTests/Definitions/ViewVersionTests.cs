using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class ViewVersionTests
{
    private static readonly ViewReference First = new("card_activity", 1);
    private static readonly ViewReference Second = new("card_activity", 2);

    [Fact]
    public async Task A_version_that_is_applied_beside_another_does_not_serve_yet()
    {
        await using var bench = await WithTwoVersionsAsync();

        bench.Registry.Current.ServedView("card_activity").ShouldBe(First);
        bench.Log.Events.Where(recorded => recorded.StreamId == "featureview-card_activity").Select(recorded => recorded.Type)
            .ShouldBe(["DefinitionApplied", "FeatureViewVersionServed", "DefinitionApplied"]);
    }

    [Fact]
    public async Task Where_nothing_was_said_of_serving_the_newest_serves()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync([.. Yaml.All, Next]);
        bench.Registry.Current.ServedView("card_activity").ShouldBe(Second);
        bench.Registry.Current.ServedView("card_inactivity").ShouldBeNull();
    }

    [Fact]
    public async Task A_switch_is_an_event_and_restore_goes_back_and_forth()
    {
        await using var bench = await WithTwoVersionsAsync();

        var switched = await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada", Why = "it counts refunds" });
        (switched.Served, switched.PreviousVersion).ShouldBe((Second, 1));
        bench.Log.Events[^1].Type.ShouldBe("FeatureViewVersionServed");
        bench.Registry.Current.ServedView("card_activity").ShouldBe(Second);
        (await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada" })).Position.ShouldBeNull();

        (await bench.SendAsync(new SwitchView("card_activity", null) { By = "ada" })).Served.ShouldBe(First);
        bench.Registry.Current.ServedView("card_activity").ShouldBe(First);
        (await bench.SendAsync(new SwitchView("card_activity", null) { By = "ada" })).Served.ShouldBe(Second);
    }

    [Fact]
    public async Task A_version_that_has_not_caught_up_is_refused_with_its_progress_unless_forced()
    {
        await using var bench = await WithTwoVersionsAsync();
        bench.Views.Stated[Second] = StatedViews.Of(Second, "catching-up") with { Progress = 0.4, Remaining = TimeSpan.FromSeconds(90) };

        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada" }));
        refused.Code.ShouldBe("view-not-caught-up");
        refused.Detail.ShouldContain("about 90 s are left");
        bench.Views.Stated[Second] = null;
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada" }))).Detail.ShouldContain("not projected here yet");

        (await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada", Force = true })).Served.ShouldBe(Second);
    }

    [Theory]
    [InlineData("card_activity", 3, "view-version-unknown")]
    [InlineData("cards", 1, "view-unknown")]
    [InlineData("card_activity", null, "view-not-switched")]
    public async Task A_switch_to_what_there_is_not_is_refused(string view, int? version, string code)
    {
        await using var bench = await WithTwoVersionsAsync();
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new SwitchView(view, version) { By = "ada" }))).Code.ShouldBe(code);
    }

    [Fact]
    public async Task Another_registry_over_the_same_log_serves_the_same()
    {
        await using var bench = await WithTwoVersionsAsync();
        await bench.SendAsync(new SwitchView("card_activity", 2) { By = "ada" });
        await using var other = await DefinitionBench.StartAsync(bench.Log);
        other.Registry.Current.ServedViews.ShouldBe(bench.Registry.Current.ServedViews);
    }

    private static string Next => Yaml.View.With("version: 1", "version: 2");

    private static async Task<DefinitionBench> WithTwoVersionsAsync()
    {
        var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);
        await bench.ApplyAsync(Next);
        return bench;
    }
}
