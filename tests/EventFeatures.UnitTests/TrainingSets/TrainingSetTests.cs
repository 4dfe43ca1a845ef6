using System.Text.Json;
using EventFeatures.Application.Outcomes;
using EventFeatures.Application.Pipeline;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

public sealed class TrainingSetTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"training-set-{Guid.NewGuid():N}");

    [Fact]
    public async Task Rows_out_are_rows_in_in_order_with_duplicates_and_unseen_entities()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("a", 10m, -50);
        await bench.PayAsync("b", 30m, -40);
        await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [Row("b", 0), Row("a", -45), Row("b", 0), Row("nobody", 0), Row("a", -55)] });
        bench.Files.Column("card").ShouldBe(["\"b\"", "\"a\"", "\"b\"", "\"nobody\"", "\"a\""]);
        bench.Files.Column("card_activity__mean_7d").ShouldBe(["30", "10", "30", "null", "null"]);
        bench.Files.Columns.Select(column => column.Name)
            .ShouldBe(["card", "time", "amount", "card_activity__count_1h", "card_activity__mean_7d", "ratio", "label"]);
    }

    [Fact]
    public async Task A_row_knows_only_what_had_been_recorded_by_its_time_unless_hindsight_is_asked_for_by_name()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("a", 10m, -50);
        await bench.PayAsync("a", 30m, -45, recordedMinutes: -20);

        var recorded = await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [Row("a", -30), Row("a", -20)] });
        bench.Files.Column("card_activity__mean_7d").ShouldBe(["10", "20"]);
        (recorded.Hindsight, recorded.Leaks).ShouldBe((false, new LeakReport(2, 0, 0, "")));

        var latest = await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [Row("a", -30), Row("a", -20)], Knowledge = Knowledge.Latest });
        bench.Files.Column("card_activity__mean_7d").ShouldBe(["20", "20"]);
        latest.Hindsight.ShouldBeTrue();
        (latest.Leaks.Leaks, latest.Leaks.Mismatches).ShouldBe((1, 0));
        latest.Leaks.First.ShouldContain("recorded at 2026-01-31T11:40:00Z");
    }

    [Fact]
    public async Task A_stated_position_says_alone_what_a_row_knows()
    {
        await using var bench = await PredictionBench.StartAsync();
        var first = await bench.PayAsync("a", 10m, -50, recordedMinutes: 500);
        await bench.PayAsync("a", 30m, -45);
        await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [Row("a", 0) with { KnownAt = first.Position }] });
        bench.Files.Column("card_activity__mean_7d").ShouldBe(["10"]);
    }

    [Fact]
    public async Task Rows_that_state_a_position_are_counted_with_those_that_know_by_it_what_was_recorded_after_their_time()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("a", 10m, -50);
        var late = (await bench.PayAsync("a", 30m, -45, recordedMinutes: -20)).Position;
        await bench.PayAsync("b", 10m, -50);
        SpineRow[] spine = [Row("a", -30) with { KnownAt = late }, Row("a", -10) with { KnownAt = late }, Row("b", -30) with { KnownAt = late }, Row("a", -30)];

        var built = await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = spine });

        built.Leaks.ShouldBe(new LeakReport(4, 0, 0, "") { Stated = 3, StatedLater = 1 });
        using (var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(built.ManifestPath)))
            (manifest.RootElement.GetProperty("statedKnownAt").GetInt64(), manifest.RootElement.GetProperty("statedKnownAtLater").GetInt64()).ShouldBe((3, 1));

        var without = await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [spine[^1]] });
        (await File.ReadAllTextAsync(without.ManifestPath)).ShouldNotContain("stated", Case.Sensitive);
    }

    [Fact]
    public async Task The_same_input_gives_the_same_bytes_and_the_manifest_says_what_it_was()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("a", 10m, -50);
        var build = new BuildTrainingSet("fraud", _path) { Spine = [Row("a", 0)], KnownAt = new((ulong)bench.Log.Events.Count) };
        var first = await bench.SendAsync(build);
        var bytes = await File.ReadAllBytesAsync(first.ManifestPath);
        await bench.PayAsync("a", 99m, -10);
        bench.Clock.Advance(TimeSpan.FromDays(1));
        var second = await bench.SendAsync(build);

        second.ManifestDigest.ShouldBe(first.ManifestDigest);
        (await File.ReadAllBytesAsync(second.ManifestPath)).ShouldBe(bytes);
        using var manifest = JsonDocument.Parse(bytes);
        manifest.RootElement.GetProperty("serviceDigest").GetString().ShouldBe(bench.Registry.Current.Services["fraud@v1"].Digest);
        manifest.RootElement.GetProperty("fileDigest").GetString().ShouldBe(first.FileDigest);
        manifest.RootElement.GetProperty("knowledge").GetString().ShouldBe("recorded");
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_written_leaves_nothing_beside_it()
    {
        await using var bench = await PredictionBench.StartAsync();
        var folder = Directory.CreateTempSubdirectory("training-set-");
        try
        {
            var path = Path.Combine(folder.FullName, "set");
            // No file takes the place of a folder.
            Directory.CreateDirectory(path + ".manifest.json");
            await Should.ThrowAsync<Exception>(() => bench.SendAsync(new BuildTrainingSet("fraud", path) { Spine = [Row("a", 0)] }));
            folder.GetFileSystemInfos().Select(left => left.Name).Order().ShouldBe(["set", "set.manifest.json"]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_position_that_the_log_has_not_reached_is_refused_before_anybody_waits_for_it()
    {
        await using var bench = await PredictionBench.StartAsync();
        var paid = await bench.PayAsync("a", 10m, -50);
        var beyond = new Position(paid.Position!.Value.Value + 1_000_000);
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [Row("a", 0)], KnownAt = beyond }));
        (refused.Code, refused.Detail).ShouldBe(("position-beyond-head", $"The log's last event is at position {paid.Position}; nothing is known at {beyond} yet."));
        (await bench.SendAsync(new BuildTrainingSet("fraud", _path) { Spine = [Row("a", 0)], KnownAt = paid.Position })).KnownAt.ShouldBe(paid.Position.Value);
    }

    [Fact]
    public async Task A_spine_of_predictions_gives_their_very_vectors_and_their_outcomes_as_labels()
    {
        await using var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        for (var i = 0; i < 20; i++)
        {
            await bench.PayAsync($"c{i % 3}", 10m + i, (i * 3) - 90, recordedMinutes: i % 4 == 0 ? 1000 : null);
            await bench.PredictAsync($"c{i % 3}", $"p-{i}", amount: i, asOf: PredictionBench.At((i * 3) - 90));
        }
        await bench.SendAsync(new RecordOutcome("p-3", 1, PredictionBench.Noon));
        await bench.PayAsync("c0", 999m, -80);

        var built = await bench.SendAsync(new BuildTrainingSet("fraud", _path) { FromPredictionsOf = "fraud" });

        var made = bench.Log.Events.Where(recorded => recorded.Type == PredictionMade.Type).Select(recorded => PredictionJson.Read(recorded.Data)).ToList();
        bench.Files.Column("ratio").ShouldBe(made.Select(one => one.Features[2].Value.ToString()));
        bench.Files.Column("card_activity__mean_7d").ShouldBe(made.Select(one => one.Features[1].Value.ToString()));
        bench.Files.Column("label").Where(label => label != "null").ShouldBe(["1"]);
        (built.Leaks.Leaks, built.Leaks.Mismatches, built.Labelled).ShouldBe((0, 0, 1));
    }

    [Fact]
    public async Task Training_registers_a_model_measured_on_later_rows_than_it_learnt_from()
    {
        await using var bench = await PredictionBench.StartAsync();
        for (var i = 0; i < 100; i++) await bench.PayAsync($"c{i}", i % 2 == 0 ? 10m : 50m, i - 200);
        var spine = Enumerable.Range(0, 100).Select(i => Row($"c{i}", i - 200) with { Label = i % 2 }).ToList();
        var trained = await bench.SendAsync(new TrainModel("fraud", new BuildTrainingSet("", _path) { Spine = spine }) { By = "ada" });
        (trained.RowsTrained, trained.RowsHeldOut, trained.Version.Version).ShouldBe((80, 20, 1));
        trained.Version.Metrics["auc"].ShouldBe(1);
        trained.Version.TrainingSetDigest.ShouldBe(trained.TrainingSet.ManifestDigest);
        bench.Registry.Current.Models["fraud"].Champion.ShouldBeNull();
        var again = await bench.SendAsync(new TrainModel("fraud", new BuildTrainingSet("", _path) { Spine = spine, KnownAt = trained.TrainingSet.KnownAt }) { By = "ada" });
        again.Version.ShouldBe(trained.Version);
    }

    [Fact]
    public async Task Labels_that_teach_nothing_are_refused()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("a", 10m, -50);
        async Task<string> CodeOf(params double?[] labels) => (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(
            new TrainModel("fraud", new BuildTrainingSet("fraud", _path) { Spine = [.. labels.Select(label => Row("a", 0) with { Label = label })] }) { By = "ada" }))).Code;
        (await CodeOf([.. Enumerable.Repeat<double?>(1, 30)])).ShouldBe("labels-insufficient");
        (await CodeOf(0, 1, null)).ShouldBe("labels-insufficient");
        (await CodeOf(0, 1, 2.5)).ShouldBe("label-not-binary");
    }

    [Fact]
    public async Task More_values_than_the_trainer_can_hold_are_refused_before_it_holds_them()
    {
        await using var bench = await PredictionBench.StartAsync(trainingSets: new TrainingSetOptions { TrainerValuesMax = 3 * 40 });
        var spine = Enumerable.Range(0, 41).Select(i => Row("a", 0) with { Label = i % 2 }).ToList();
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new TrainModel("fraud", new BuildTrainingSet("fraud", _path) { Spine = spine }) { By = "ada" }));
        refused.Code.ShouldBe("labels-too-many");
        refused.Detail.ShouldContain("More than 40 rows have a label, each with 3 inputs");
    }

    [Fact]
    public async Task A_spine_that_lacks_keys_or_clashes_with_columns_is_refused_row_by_row()
    {
        await using var bench = await PredictionBench.StartAsync();
        var invalid = await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new BuildTrainingSet("fraud", _path)
        {
            Spine = [Row("a", 0), new SpineRow(new Dictionary<string, string> { ["crad"] = "1" }, PredictionBench.Noon)],
        }));
        invalid.Failures.ShouldHaveSingleItem().Field.ShouldBe("spine[1].entities");
        await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new BuildTrainingSet("fraud", _path)
        {
            Spine = [Row("a", 0) with { Extra = new Dictionary<string, Value> { ["label"] = Value.Of(1L) } }],
        }));
    }

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(_path + ".manifest.json");
    }

    internal static SpineRow Row(string card, int minutes) =>
        new(new Dictionary<string, string> { ["card"] = card }, PredictionBench.At(minutes))
        {
            Context = new Dictionary<string, Value> { ["amount"] = Value.Of(5L) },
        };
}
