using System.Security.Cryptography;
using EventFeatures.Core.Models;
using EventFeatures.Inference.Training;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Models;

public class OnnxScorerTests : IAsyncLifetime
{
    private readonly TemporaryStore _models = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _models.DisposeAsync().AsTask();

    [Fact]
    public async Task A_trained_model_scores_as_its_coefficients_say()
    {
        var (rows, labels) = SyntheticRows.Draw(2_000, -0.5, [1, -2, 0.5, 1, 1]);
        var trained = new LogisticRegressionTrainer().Train(rows, labels, SyntheticRows.Names(5));
        using var model = await _models.LoadAsync(trained.Onnx, 5);
        foreach (var row in rows)
            ((double)model.Score(row)).ShouldBe(LogisticRegressionTrainerTests.Evaluate(trained, row), 1e-6);
    }

    [Fact]
    public async Task A_score_can_be_cut_short_and_the_next_one_is_whole()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [2, 1]);
        var trained = new LogisticRegressionTrainer().Train(rows, labels, SyntheticRows.Names(2));
        using var model = await _models.LoadAsync(trained.Onnx, 2);
        var whole = model.Score(rows[0]);
        using var ended = new CancellationTokenSource();
        model.Score(rows[0], ended.Token).ShouldBe(whole);

        await ended.CancelAsync();

        Should.Throw<OperationCanceledException>(() => model.Score(rows[0], ended.Token));
        model.Score(rows[0]).ShouldBe(whole);
    }

    [Fact]
    public async Task A_null_scores_as_the_training_mean()
    {
        var (rows, labels) = SyntheticRows.Draw(2_000, 0, [2, 1], nullShare: 0.2);
        var trained = new LogisticRegressionTrainer().Train(rows, labels, SyntheticRows.Names(2));
        using var model = await _models.LoadAsync(trained.Onnx, 2);
        var means = Enumerable.Range(0, 2)
            .Select(feature => (float)rows.Where(row => !float.IsNaN(row[feature])).Average(row => (double)row[feature])).ToArray();
        model.Score([float.NaN, 2]).ShouldBe(model.Score([means[0], 2]));
        model.Score([float.NaN, float.NaN]).ShouldBe(model.Score(means));
    }

    [Fact]
    public async Task Repeats_threads_and_new_sessions_give_equal_bits()
    {
        var (rows, labels) = SyntheticRows.Draw(2_000, 0, [1, -1, 2, 0.1, 1, 0.3, 2], nullShare: 0.1);
        var trained = new LogisticRegressionTrainer().Train(rows, labels, SyntheticRows.Names(7));
        using var model = await _models.LoadAsync(trained.Onnx, 7);
        var expected = rows.Select(row => Bits(model.Score(row))).ToArray();

        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 16 }, (_, ended) =>
        {
            for (var row = 0; row < rows.Length; row++) Bits(model.Score(rows[row], ended)).ShouldBe(expected[row]);
            return ValueTask.CompletedTask;
        });

        await using var another = new TemporaryStore();
        using var other = await another.LoadAsync(trained.Onnx, 7);
        rows.Select(row => Bits(other.Score(row))).ShouldBe(expected);
        other.Fingerprint.ShouldBe(model.Fingerprint);
    }

    [Fact]
    public async Task Loading_at_once_from_many_callers_is_harmless()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [1]);
        var digest = await _models.Store.PutAsync(new LogisticRegressionTrainer().Train(rows, labels, ["x"]).Onnx);
        var ready = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _models.Scorer.LoadAsync(digest, 1)));
        foreach (var model in ready)
        {
            model.Score(rows[0]).ShouldBeInRange(0, 1);
            model.Dispose();
            model.Dispose();
        }
    }

    [Fact]
    public async Task The_fingerprint_is_read_from_the_runtime_and_the_machine()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [1]);
        var onnx = new LogisticRegressionTrainer().Train(rows, labels, ["x"]).Onnx;
        using var model = await _models.LoadAsync(onnx, 1);
        var fingerprint = model.Fingerprint;
        fingerprint.ModelDigest.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(onnx)));
        fingerprint.Runtime.ShouldMatch(@"^onnxruntime \d+\.\d+\.\d+$");
        fingerprint.ShouldBe(fingerprint with
        {
            Provider = "CPUExecutionProvider", OptimisationLevel = "basic", IntraOpThreads = 1, InterOpThreads = 1,
            ExecutionMode = "sequential", Prepacking = true, BatchSize = 1,
        });
        fingerprint.InstructionSets.Split(' ').ShouldContain(System.Runtime.Intrinsics.X86.Sse2.IsSupported ? "sse2" : "advsimd");
        fingerprint.OperatingSystem.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task A_vector_of_the_wrong_length_a_model_let_go_and_one_that_is_not_there_are_refused()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [1, 1]);
        var model = await _models.LoadAsync(new LogisticRegressionTrainer().Train(rows, labels, ["x", "y"]).Onnx, 2);
        Should.Throw<ModelInvalidException>(() => model.Score([1])).Message.ShouldContain("takes 2 features but was given 1");
        model.Dispose();
        Should.Throw<ObjectDisposedException>(() => model.Score([1, 2]));
        (await Should.ThrowAsync<ModelInvalidException>(() => _models.Scorer.LoadAsync(new string('0', 64), 2))).Message.ShouldContain("has no model");
    }

    [Fact]
    public async Task A_model_of_open_width_serves_each_width_whichever_came_first()
    {
        var onnx = OddModels.MeanOfAnyWidth();
        using var three = await _models.LoadAsync(onnx, 3);
        using var two = await _models.LoadAsync(onnx, 2);
        two.Score([1, 3]).ShouldBe(three.Score([1, 2, 3]));
    }

    [Fact]
    public async Task A_model_that_does_not_end_is_refused_in_time()
    {
        await using var models = new TemporaryStore(warmUp: TimeSpan.FromSeconds(1));
        (await models.RefusalAsync(OddModels.Endless(), 2)).ShouldContain("gave no score within 1 s");
    }

    [Fact]
    public async Task A_model_that_does_not_end_holds_up_no_other_and_no_shutdown()
    {
        await using var models = new TemporaryStore(warmUp: TimeSpan.FromHours(1));
        // Stored first: a load that only begins once the scorer has ended is refused as the last one here is.
        var digest = await models.Store.PutAsync(OddModels.Endless());
        var endless = models.Scorer.LoadAsync(digest, 2);
        using (var other = await models.LoadAsync(OddModels.MeanOfAnyWidth(), 2)) other.Score([1, 3]).ShouldBeInRange(0, 1);
        endless.IsCompleted.ShouldBeFalse();

        await models.Scorer.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

        await Should.ThrowAsync<OperationCanceledException>(() => endless);
        await Should.ThrowAsync<ObjectDisposedException>(() => models.LoadAsync(OddModels.MeanOfAnyWidth(), 2));
    }

    [Fact]
    public async Task Models_that_nobody_holds_are_let_go_where_they_take_too_much()
    {
        await using var models = new TemporaryStore(bytesLoadedMax: 1);
        var held = await models.LoadAsync(OddModels.MeanOfAnyWidth(), 2);
        File.Delete(Directory.GetFiles(models.Folder, held.Fingerprint.ModelDigest + "*", SearchOption.AllDirectories).Single());
        (await models.LoadAsync(OddModels.MeanOfAnyWidth("other"), 2)).Dispose();

        (await models.Scorer.LoadAsync(held.Fingerprint.ModelDigest, 2)).Dispose();
        held.Score([1, 3]).ShouldBeInRange(0, 1);
        held.Dispose();

        (await Should.ThrowAsync<ModelInvalidException>(() => models.Scorer.LoadAsync(held.Fingerprint.ModelDigest, 2))).Message.ShouldContain("has no model");
    }

    private static int Bits(float score) => BitConverter.SingleToInt32Bits(score);
}
