using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace EventFeatures.Inference.Scoring;

/// <summary>
/// Keeps ONNX Runtime from reporting what runs here. Its packages from 1.29 on make an identifier of the machine and a
/// database in the account's cache folder, and send what they know of sessions and models, unless a variable says no
/// before the runtime is first used.
/// </summary>
internal static partial class RuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Has to be called before anything else of the runtime is.</summary>
    public static void TurnOff()
    {
        // .NET's own setter changes a copy of the environment, which native code never sees.
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable(Variable) != "1" && SetVariable(Variable, "1", overwrite: 1) != 0)
            throw new InvalidOperationException($"ONNX Runtime's telemetry could not be turned off: {Marshal.GetLastPInvokeErrorMessage()}. Set {Variable}=1 and start again.");
        // For platforms on which the variable is not known.
        OrtEnv.Instance().DisableTelemetryEvents();
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
