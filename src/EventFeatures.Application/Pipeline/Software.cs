using System.Reflection;

namespace EventFeatures.Application.Pipeline;

/// <summary>This software, as what it records names it.</summary>
internal static class Software
{
    /// <summary>Its version.</summary>
    public static readonly string Version =
        typeof(Software).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
