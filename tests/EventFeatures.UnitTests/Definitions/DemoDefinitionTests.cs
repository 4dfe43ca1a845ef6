using EventFeatures.Application.Definitions;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class DemoDefinitionTests
{
    [Theory]
    [InlineData("payments", "fraud")]
    [InlineData("electricity", "direction")]
    public async Task A_demo_can_be_applied_as_it_stands(string folder, string model)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var files = DefinitionFiles.Load(Path.Combine(RepositoryFolder.Path, "ops", "demo", folder));

        await bench.SendAsync(new ApplyDefinitions(files) { By = "demo" });

        bench.Registry.Current.Models.Keys.ShouldBe([model]);
    }
}
