using System.Runtime.CompilerServices;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

public sealed class LongSpineTests : IDisposable
{
    private static readonly TrainingSetOptions Small = new() { RowsInMemoryMax = 40, ValuesInMemoryMax = 60, PointsPerRead = 7 };

    private readonly string _folder = Directory.CreateTempSubdirectory("ef-long-spine-").FullName;

    [Fact]
    public async Task What_does_not_fit_in_memory_gives_the_same_bytes_as_what_does()
    {
        await using var roomy = await PredictionBench.StartAsync();
        await using var tight = await PredictionBench.StartAsync(trainingSets: Small);
        var spine = Enumerable.Range(0, 300).Select(i => Row($"c{(i * 7) % 11}", (i % 90) - 90, i)).ToList();
        foreach (var bench in (PredictionBench[])[roomy, tight])
            for (var i = 0; i < 60; i++) await bench.PayAsync($"c{i % 9}", 10m + i, (i * 2) - 120, new Guid(i + 1, 0, 0, new byte[8]), i % 5 == 0 ? (i * 2) - 90 : null);

        var expected = await roomy.SendAsync(new BuildTrainingSet("fraud", PathOf("roomy")) { Spine = spine });
        var streamed = await tight.SendAsync(new BuildTrainingSet("fraud", PathOf("tight")) { Rows = spine.ToAsyncEnumerable() });

        tight.Files.Column("row").ShouldBe(Enumerable.Range(0, 300).Select(i => $"{i}"));
        (streamed.Rows, streamed.Labelled, streamed.Leaks).ShouldBe((300, 150, new LeakReport(300, 0, 0, "")));
        streamed.ManifestDigest.ShouldBe(expected.ManifestDigest);
        Directory.GetFiles(_folder).Select(Path.GetFileName).Order().ShouldBe(["roomy", "roomy.manifest.json", "tight", "tight.manifest.json"]);
    }

    [Fact]
    public async Task What_hindsight_knows_is_counted_once_a_row_wherever_the_rows_wait()
    {
        await using var bench = await PredictionBench.StartAsync(trainingSets: Small);
        await bench.PayAsync("c1", 30m, -45, recordedMinutes: 500);
        var built = await bench.SendAsync(new BuildTrainingSet("fraud", PathOf("hindsight"))
        {
            Rows = Enumerable.Range(0, 200).Select(i => Row($"c{i % 2}", -30, i)).ToAsyncEnumerable(), Knowledge = Knowledge.Latest,
        });
        (built.Hindsight, built.Leaks.Leaks, built.Leaks.Mismatches).ShouldBe((true, 100, 0));
        built.Leaks.First.ShouldStartWith("Row 1: ");
    }

    [Fact]
    public async Task Rows_that_were_read_are_not_held_in_memory()
    {
        await using var bench = await PredictionBench.StartAsync(trainingSets: Small);
        await bench.PayAsync("c1", 30m, -45);
        var read = new List<WeakReference>();
        var held = 0;
        bench.Files.Began = () => held = Count(read);
        await bench.SendAsync(new BuildTrainingSet("fraud", PathOf("long")) { Rows = Spine(read) });
        read.Count.ShouldBe(2_000);
        held.ShouldBeLessThanOrEqualTo(Small.RowsInMemoryMax + 10, "all rows were read by then");
    }

    [Fact]
    public async Task Every_row_of_predictions_holds_the_very_vector_with_late_events_and_corrected_outcomes()
    {
        await using var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f], trainingSets: Small);
        for (var i = 0; i < 120; i++)
        {
            await bench.PayAsync($"c{i % 7}", 10m + i, i - 150, recordedMinutes: i % 3 == 0 ? 1000 : null);
            await bench.PredictAsync($"c{i % 7}", $"p-{i}", amount: i, asOf: PredictionBench.At(i - 150 - (i % 4)));
        }
        foreach (var (prediction, label) in (ValueTuple<string, double>[])[("p-3", 1), ("p-40", 0), ("p-3", 0)])
            await bench.SendAsync(new Application.Outcomes.RecordOutcome(prediction, label, PredictionBench.Noon));
        await bench.PayAsync("c0", 999m, -160);

        await bench.SendAsync(new BuildTrainingSet("fraud", PathOf("predictions")) { FromPredictionsOf = "fraud" });

        var made = bench.Log.Events.Where(recorded => recorded.Type == PredictionMade.Type).Select(recorded => PredictionJson.Read(recorded.Data)).ToList();
        for (var feature = 0; feature < made[0].Features.Count; feature++)
            bench.Files.Column(made[0].Features[feature].Name).ShouldBe(made.Select(one => one.Features[feature].Value.ToString()));
        bench.Files.Column("time").ShouldBe(made.Select(one => Value.Of(one.AsOf).ToString()));
        bench.Files.Column("label").Select((label, index) => (label, index)).Where(row => row.label != "null").ShouldBe([("0", 3), ("0", 40)]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Count(List<WeakReference> read)
    {
        GC.Collect();
        return read.Count(row => row.IsAlive);
    }

    private static async IAsyncEnumerable<SpineRow> Spine(List<WeakReference> read)
    {
        await Task.CompletedTask;
        for (var i = 0; i < 2_000; i++) yield return Tracked(i, read);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static SpineRow Tracked(int index, List<WeakReference> read)
    {
        var row = Row($"c{index % 5}", -(index % 60), index);
        read.Add(new WeakReference(row));
        return row;
    }

    private static SpineRow Row(string card, int minutes, int index) =>
        new(new Dictionary<string, string> { ["card"] = card }, PredictionBench.At(minutes))
        {
            Context = new Dictionary<string, Value> { ["amount"] = Value.Of(5L) },
            Extra = new Dictionary<string, Value> { ["row"] = Value.Of((long)index) },
            Label = index % 2 == 0 ? index % 4 / 2 : null,
        };

    private string PathOf(string name) => Path.Combine(_folder, name);
}
