using System.Diagnostics;
using EventFeatures.Inference.Training;
using Microsoft.ML.OnnxRuntime;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>A bare ONNX Runtime call of a logistic regression over eleven inputs, on one core.</summary>
internal static class OnnxCall
{
    private const int Inputs = 11;

    /// <summary>Calls a second.</summary>
    public static double Measure(TimeSpan duration)
    {
        var rows = Enumerable.Range(0, 200).Select(row => Enumerable.Range(0, Inputs).Select(column => (float)((row * 31 + column * 17) % 101)).ToArray()).ToList();
        var model = new LogisticRegressionTrainer().Train(
            rows, rows.ConvertAll(row => row[0] > 50 ? 1f : 0f), Enumerable.Range(0, Inputs).Select(column => $"f{column}").ToList());
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL };
        using var session = new InferenceSession(model.Onnx, options);
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(rows[0], [1, Inputs]);
        string[] inputs = [.. session.InputMetadata.Keys], outputs = [.. session.OutputMetadata.Keys];
        var watch = Stopwatch.StartNew();
        long calls = 0;
        for (; watch.Elapsed < duration; calls++)
            using (session.Run(run, inputs, [input], outputs)) { }
        return calls / watch.Elapsed.TotalSeconds;
    }
}
