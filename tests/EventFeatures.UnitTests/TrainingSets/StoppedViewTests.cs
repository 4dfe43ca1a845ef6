using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Application.TrainingSets.Consistency;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

/// <summary>A view that is stopped, or being built, beside one that is live.</summary>
public sealed class StoppedViewTests : IDisposable
{
    private static readonly Guid Paid = Guid.NewGuid();

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"stopped-view-{Guid.NewGuid():N}");

    [Fact]
    public async Task A_training_set_of_the_other_is_built()
    {
        await using var bench = await StartAsync();
        bench.Views.Stopped.Add(new ViewReference("card_profile", 1));
        var built = await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [TrainingSetTests.Row("a", 0)] });
        built.Rows.ShouldBe(1);
    }

    [Fact]
    public async Task The_other_is_exported()
    {
        await using var bench = await StartAsync();
        bench.Views.Stopped.Add(new ViewReference("card_profile", 1));
        var handler = new ExportViewHandler(bench.Registry, bench.Views, bench.Log, new CountedRows());
        (await handler.Handle(new ExportView("card_activity"), CancellationToken.None)).Rows.ShouldBe(1);
        await Should.ThrowAsync<ViewUnavailableException>(() => handler.Handle(new ExportView("card_profile"), CancellationToken.None));
    }

    [Fact]
    public async Task The_others_vectors_are_compared()
    {
        await using var bench = await StartAsync();
        bench.Views.Stopped.Add(new ViewReference("card_profile", 1));
        var report = await bench.SendAsync(new CheckConsistency("fraud"));
        (report.Served.Vectors, report.Online.Vectors, report.IsConsistent).ShouldBe((1, 1, true));
    }

    [Theory]
    [InlineData("card_profile")]
    [InlineData("card_activity")]
    [InlineData("card_profile", "card_activity")]
    public async Task An_events_lineage_is_what_it_was_while_they_were_live(params string[] stopped)
    {
        await using var bench = await StartAsync();
        var live = await bench.SendAsync(new GetEventLineage(Paid));
        live.Uses.Select(use => use.View.Name).ShouldBe(["card_activity", "card_profile"]);
        live.Predictions.ShouldHaveSingleItem().Features.ShouldBe(["card_activity__count_1h", "card_activity__mean_7d"]);

        foreach (var view in stopped) bench.Views.Stopped.Add(new ViewReference(view, 1));

        var told = await bench.SendAsync(new GetEventLineage(Paid));
        told.Uses.ShouldBe(live.Uses);
        told.Predictions.ShouldHaveSingleItem().Features.ShouldBe(live.Predictions[0].Features);
        (told.PredictionCount, told.NotTraced).ShouldBe((1, 0));
    }

    public void Dispose()
    {
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
    }

    private static async Task<PredictionBench> StartAsync()
    {
        var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        await bench.ApplyAsync(Yaml.View.With("name: card_activity", "name: card_profile"));
        await bench.PayAsync("a", 10m, -50, Paid);
        await bench.PredictAsync("a", "p", asOf: PredictionBench.At(-30));
        return bench;
    }

    private sealed class CountedRows : IViewExport
    {
        public Task<long> CountAsync(ViewReference view, Position knownAt, CancellationToken cancellation = default) => Task.FromResult(1L);

        public IReadOnlyList<TrainingColumn> ColumnsOf(CompiledView view, Core.Entities.Entity entity) => [];

        public IAsyncEnumerable<ExportedFile> WriteAsync(
            CompiledView view, Core.Entities.Entity entity, Position knownAt, ExportPeriod period, IReadOnlySet<string> have, CancellationToken cancellation = default) =>
            AsyncEnumerable.Empty<ExportedFile>();
    }
}
