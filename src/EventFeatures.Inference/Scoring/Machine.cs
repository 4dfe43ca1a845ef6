using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EventFeatures.Inference.Scoring;

/// <summary>What of this machine can change a score's bits: the runtime picks its kernels by instruction set.</summary>
internal static class Machine
{
    /// <summary>The distribution and architecture; the kernel's build is left out, since it computes nothing.</summary>
    public static string OperatingSystem { get; } =
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    public static string InstructionSets { get; } = string.Join(' ', Supported());

    private static IEnumerable<string> Supported() =>
        new (string Name, bool IsSupported)[]
        {
            ("sse2", Sse2.IsSupported), ("sse4.1", Sse41.IsSupported), ("sse4.2", Sse42.IsSupported),
            ("avx", Avx.IsSupported), ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported), ("avxvnni", AvxVnni.IsSupported),
            ("avx512f", Avx512F.IsSupported), ("avx512bw", Avx512BW.IsSupported), ("avx512cd", Avx512CD.IsSupported),
            ("avx512dq", Avx512DQ.IsSupported), ("avx512vbmi", Avx512Vbmi.IsSupported), ("avx10v1", Avx10v1.IsSupported),
            ("advsimd", AdvSimd.IsSupported), ("dp", Dp.IsSupported), ("rdm", Rdm.IsSupported), ("sve", IsSveSupported),
        }
        .Where(set => set.IsSupported)
        .Select(set => set.Name)
        .DefaultIfEmpty("none");

#pragma warning disable SYSLIB5003 // Asking whether the processor has the set uses nothing of the set's unfinished API.
    private static bool IsSveSupported => Sve.IsSupported;
#pragma warning restore SYSLIB5003
}
