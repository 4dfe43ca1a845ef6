using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;

namespace EventFeatures.Core.Time.Zones;

/// <summary>
/// The rules of the IANA time zones, as a table of one stated version that is part of this assembly. A machine's own
/// time-zone data are never asked, because they differ between machines and change under a running system.
/// </summary>
public static class ZoneTable
{
    /// <summary>The version of the IANA time zone database that the table was made from.</summary>
    public const string Version = "2026f";

    private static readonly FrozenDictionary<string, string> Lines = Read();
    private static readonly ConcurrentDictionary<string, Zone> Zones = new(StringComparer.Ordinal);

    /// <summary>All names, among them those that the database keeps for old times' sake.</summary>
    public static IReadOnlyCollection<string> Names => Lines.Keys;

    /// <summary>The zone of a name such as <c>Europe/Paris</c>, or <see langword="null"/>.</summary>
    public static Zone? Find(string name) =>
        Lines.TryGetValue(name, out var line) ? Zones.GetOrAdd(name, static (_, text) => Zone.Parse(text), line) : null;

    private static FrozenDictionary<string, string> Read()
    {
        using var resource = typeof(ZoneTable).Assembly.GetManifestResourceStream($"tzdata-{Version}.txt")
            ?? throw new System.Diagnostics.UnreachableException("The table of time zones is not part of the assembly.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.ASCII.GetString(bytes).Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var end = line.IndexOf('|', StringComparison.Ordinal);
            foreach (var name in line[..end].Split(' ')) lines.Add(name, line[(end + 1)..]);
        }
        return lines.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
