using EventFeatures.Core.Models;
using Microsoft.ML.OnnxRuntime;

namespace EventFeatures.Inference.Scoring;

/// <summary>
/// The one way in which models are run. ONNX Runtime promises no equal bits across settings, so every setting
/// that could change a bit is pinned here, and written into each prediction's fingerprint.
/// </summary>
internal static class PinnedSession
{
    private const int Threads = 1;
    private const ExecutionMode Mode = ExecutionMode.ORT_SEQUENTIAL;

    // Basic rewrites are the same on every machine; the levels above choose fusions and layouts by the processor.
    private const GraphOptimizationLevel Level = GraphOptimizationLevel.ORT_ENABLE_BASIC;

    static PinnedSession() => RuntimeTelemetry.TurnOff();

    public static InferenceSession Open(byte[] bytes)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = Threads,
            InterOpNumThreads = Threads,
            ExecutionMode = Mode,
            GraphOptimizationLevel = Level,
            // What goes wrong is thrown, with its reason; the runtime's own log would only repeat it on stderr.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.disable_prepacking", "0");
        options.AddSessionConfigEntry("session.set_denormal_as_zero", "0");
        // Without this, bytes that look like the runtime's private format would be loaded as that.
        options.AddSessionConfigEntry("session.load_model_format", "ONNX");
        options.AppendExecutionProvider_CPU();
        return new InferenceSession(bytes, options);
    }

    public static ExecutionFingerprint Fingerprint(string digest) => new(
        ModelDigest: digest,
        Runtime: $"onnxruntime {OrtEnv.Instance().GetVersionString()}",
        Provider: "CPUExecutionProvider",
        OptimisationLevel: Level switch
        {
            GraphOptimizationLevel.ORT_DISABLE_ALL => "none",
            GraphOptimizationLevel.ORT_ENABLE_BASIC => "basic",
            GraphOptimizationLevel.ORT_ENABLE_EXTENDED => "extended",
            _ => "all",
        },
        IntraOpThreads: Threads,
        InterOpThreads: Threads,
        ExecutionMode: Mode == ExecutionMode.ORT_SEQUENTIAL ? "sequential" : "parallel",
        Prepacking: true,
        BatchSize: 1,
        OperatingSystem: Machine.OperatingSystem,
        InstructionSets: Machine.InstructionSets);
}
