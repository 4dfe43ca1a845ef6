using System.CommandLine;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>demo</c>: the whole loop on real parts.</summary>
internal static class DemoVerb
{
    public static Command Create() => new("demo", "Run the whole loop on real parts, end to end.") { };
}
