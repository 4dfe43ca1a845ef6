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
        var digest = await _models.LoadAsync(trained.Onnx, 5);
        foreach (var row in rows)
            ((double)_models.Scorer.Score(digest, row)).ShouldBe(LogisticRegressionTrainerTests.Evaluate(trained, row), 1e-6);
    }

    [Fact]
    public async Task A_score_can_be_cut_short_and_the_next_one_is_whole()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [2, 1]);
        var trained = new LogisticRegressionTrainer().Train(rows, labels, SyntheticRows.Names(2));
        var digest = await _models.LoadAsync(trained.Onnx, 2);
        var whole = _models.Scorer.Score(digest, rows[0]);
        using var ended = new CancellationTokenSource();
        _models.Scorer.Score(digest, rows[0], ended.Token).ShouldBe(whole);

        await ended.CancelAsync();

        Should.Throw<OperationCanceledException>(() => _models.Scorer.Score(digest, rows[0], ended.Token));
        _models.Scorer.Score(digest, rows[0]).ShouldBe(whole);
    }

    [Fact]
    public async Task A_null_scores_as_the_training_mean()
    {
        var (rows, labels) = SyntheticRows.Draw(2_000, 0, [2, 1], nullShare: 0.2);
        var trained = new LogisticRegressionTrainer().Train(rows, labels, SyntheticRows.Names(2));
        var digest = await _models.LoadAsync(trained.Onnx, 2);
        var means = Enumerable.Range(0, 2)
            .Select(feature => (float)rows.Where(row => !float.IsNaN(row[feature])).Average(row => (double)row[feature])).ToArray();
        _models.Scorer.Score(digest, [float.NaN, 2]).ShouldBe(_models.Scorer.Score(digest, [means[0], 2]));
        _models.Scorer.Score(digest, [float.NaN, float.NaN]).ShouldBe(_models.Scorer.Score(digest, means));
    }

    [Fact]
    public async Task Repeats_threads_and_new_sessions_give_equal_bits()
    {
        var (rows, labels) = SyntheticRows.Draw(2_000, 0, [1, -1, 2, 0.1, 1, 0.3, 2], nullShare: 0.1);
        var trained = new LogisticRegressionTrainer().Train(rows, labels, SyntheticRows.Names(7));
        var digest = await _models.LoadAsync(trained.Onnx, 7);
        var expected = rows.Select(row => Bits(_models.Scorer.Score(digest, row))).ToArray();

        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 16 }, (_, ended) =>
        {
            for (var row = 0; row < rows.Length; row++) Bits(_models.Scorer.Score(digest, rows[row], ended)).ShouldBe(expected[row]);
            return ValueTask.CompletedTask;
        });

        await using var another = new TemporaryStore();
        await another.LoadAsync(trained.Onnx, 7);
        rows.Select(row => Bits(another.Scorer.Score(digest, row))).ShouldBe(expected);
        another.Scorer.Fingerprint(digest).ShouldBe(_models.Scorer.Fingerprint(digest));
    }

    [Fact]
    public async Task Loading_at_once_from_many_callers_is_harmless()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [1]);
        var digest = await _models.Store.PutAsync(new LogisticRegressionTrainer().Train(rows, labels, ["x"]).Onnx);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _models.Scorer.LoadAsync(digest, 1)));
        _models.Scorer.Score(digest, rows[0]).ShouldBeInRange(0, 1);
    }

    [Fact]
    public async Task The_fingerprint_is_read_from_the_runtime_and_the_machine()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [1]);
        var digest = await _models.LoadAsync(new LogisticRegressionTrainer().Train(rows, labels, ["x"]).Onnx, 1);
        var fingerprint = _models.Scorer.Fingerprint(digest);
        fingerprint.ModelDigest.ShouldBe(digest);
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
    public async Task A_vector_of_the_wrong_length_and_a_model_that_is_not_loaded_are_refused()
    {
        var (rows, labels) = SyntheticRows.Draw(200, 0, [1, 1]);
        var digest = await _models.LoadAsync(new LogisticRegressionTrainer().Train(rows, labels, ["x", "y"]).Onnx, 2);
        Should.Throw<ModelInvalidException>(() => _models.Scorer.Score(digest, [1])).Message.ShouldContain("takes 2 features but was given 1");
        Should.Throw<ModelInvalidException>(() => _models.Scorer.Score("0123", [1])).Message.ShouldContain("not loaded");
        Should.Throw<ModelInvalidException>(() => _models.Scorer.Fingerprint("0123")).Message.ShouldContain("not loaded");
        (await Should.ThrowAsync<ModelInvalidException>(() => _models.Scorer.LoadAsync(digest, 3))).Message.ShouldContain("takes 2 features, but its feature service has 3");
        (await Should.ThrowAsync<ModelInvalidException>(() => _models.Scorer.LoadAsync(new string('0', 64), 2))).Message.ShouldContain("has no model");
    }

    private static int Bits(float score) => BitConverter.SingleToInt32Bits(score);
}
