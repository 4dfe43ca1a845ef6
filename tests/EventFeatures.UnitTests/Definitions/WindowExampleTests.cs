using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>The documented example of every window, its expected lines and the page that explains them.</summary>
public sealed class WindowExampleTests
{
    private static readonly DocumentedExample Example = new("windows", "every_window");

    [Fact]
    public Task The_example_of_every_window_gives_the_documented_lines() => Example.ShouldGiveItsLinesAsync();

    [Fact]
    public void The_page_shows_each_feature_with_its_value() => Example.ShouldShowEachFeature();

    [Fact]
    public void The_example_leaves_no_key_of_a_window_out() =>
        WindowReader.Keys.Where(key => !Example.Definitions.Contains($" {key}: ", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public async Task The_example_leaves_no_kind_of_window_and_nothing_that_one_may_say_out()
    {
        var windows = (await Example.FeaturesAsync()).Select(feature => feature.Window).ToList();
        typeof(Window).GetNestedTypes().Where(kind => kind.IsSubclassOf(typeof(Window))).Except(windows.Select(window => window.GetType())).ShouldBeEmpty();
        Enum.GetValues<WindowEdges>().Except(windows.Select(window => window.Edges)).ShouldBeEmpty();
        Enum.GetValues<WindowExclusion>().Except(windows.Select(window => window.Exclude)).ShouldBeEmpty();
        Enum.GetValues<CalendarPeriod>().Except(windows.OfType<Window.Calendar>().Select(window => window.Period)).ShouldBeEmpty();
        windows.OfType<Window.Calendar>().ShouldContain(window => window.Previous);
        windows.OfType<Window.Tumbling>().ShouldContain(window => window.Previous);
        windows.OfType<Window.Session>().ShouldContain(window => window.Touching);
    }
}
