using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Verbs;

/// <summary>Options of the form <c>name=value</c>.</summary>
internal static class KeyValueOption
{
    public static IEnumerable<KeyValuePair<string, string>> Parse(string option, IEnumerable<string>? pairs)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in pairs ?? [])
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new UsageException($"{option} takes name=value, such as card=4929, not '{pair}'.");
            var name = pair[..equals];
            if (!seen.Add(name)) throw new UsageException($"{option} names '{name}' twice.");
            yield return KeyValuePair.Create(name, pair[(equals + 1)..]);
        }
    }
}
