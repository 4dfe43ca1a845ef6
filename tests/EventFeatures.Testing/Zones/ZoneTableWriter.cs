using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EventFeatures.Core.Time;
using EventFeatures.Core.Time.Zones;

namespace EventFeatures.Testing.Zones;

/// <summary>
/// Makes the table of time zones that Core holds from a folder of compiled zones (RFC 9636), such as
/// <c>/usr/share/zoneinfo</c>.
/// </summary>
public static class ZoneTableWriter
{
    /// <summary>The version of the database that a folder holds; null where it does not say.</summary>
    public static string? VersionOf(string folder)
    {
        var source = Path.Combine(folder, "tzdata.zi");
        return File.Exists(source) && File.ReadLines(source).FirstOrDefault() is { } line && line.StartsWith("# version ", StringComparison.Ordinal)
            ? line["# version ".Length..]
            : null;
    }

    /// <summary>The table's text.</summary>
    public static string Write(string folder)
    {
        var zones = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, path) in Files(folder))
        {
            var zone = Encode(File.ReadAllBytes(path));
            if (!zones.TryGetValue(zone, out var names)) zones[zone] = names = [];
            names.Add(name);
        }
        var text = new StringBuilder();
        text.Append("# IANA time zone database ").Append(VersionOf(folder)).Append(", which is in the public domain. Made by ZoneTableWriter; Zone.Parse says how to read it.\n");
        foreach (var (zone, names) in zones.OrderBy(zone => zone.Value[0], StringComparer.Ordinal))
            text.AppendJoin(' ', names).Append('|').Append(zone).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<(string Name, string Path)> Files(string folder) =>
        from path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(folder, path).Replace('\\', '/')
        // Copies with leap seconds, copies of the whole, and what is a setting of the machine.
        where name.Split('/')[0] is not ("posix" or "right" or "localtime" or "posixrules" or "Factory") && IsZone(path)
        orderby name.Contains('/', StringComparison.Ordinal) ? 0 : 1, name
        select (name, path);

    private static bool IsZone(string path)
    {
        Span<byte> magic = stackalloc byte[4];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("TZif"u8);
    }

    private static string Encode(ReadOnlySpan<byte> file)
    {
        // The first of the two parts counts in 32 bits and is passed over.
        var rest = file[Part.LengthOf(file, timeBytes: 4)..];
        var part = new Part(rest);
        var changes = new List<(long At, int Offset)>();
        var offset = part.First;
        foreach (var change in part.Changes)
        {
            if (change.Offset != offset) changes.Add(change);
            offset = change.Offset;
        }
        var rule = Encoding.ASCII.GetString(rest[part.Length..]).Trim('\n');
        if (!rule.Contains(',', StringComparison.Ordinal)) rule = "";
        while (rule.Length > 0 && changes.Count > 1 && Follows(part.First, changes, rule)) changes.RemoveAt(changes.Count - 1);
        return Text(part.First, changes, rule);
    }

    /// <summary>Whether the last change follows from the others and the rule, which must not have changed the clock in between either.</summary>
    private static bool Follows(int first, List<(long At, int Offset)> changes, string rule)
    {
        const long Day = 86_400;
        var without = Zone.Parse(Text(first, changes[..^1], rule));
        var ((before, offset), (last, next)) = (changes[^2], changes[^1]);
        for (var at = before; at < last; at += Day)
            if (OffsetAt(at) != offset) return false;
        return OffsetAt(last - 1) == offset && OffsetAt(last) == next;

        long OffsetAt(long seconds) => without.OffsetAt(new Instant(seconds * 1_000_000)).Microseconds / 1_000_000;
    }

    private static string Text(int first, List<(long At, int Offset)> changes, string rule)
    {
        List<int> offsets = [first, .. changes.Select(change => change.Offset).Distinct().Where(offset => offset != first)];
        var steps = changes.Select((change, index) => Number(index == 0 ? change.At : change.At - changes[index - 1].At));
        var indices = changes.Select(change => Number(offsets.IndexOf(change.Offset)));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', offsets)}|{string.Join(' ', steps)}|{string.Concat(indices)}|{rule}");
    }

    private static string Number(long value)
    {
        if (value < 0) return "-" + Number(-value);
        var digit = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)(value % 36)];
        return value < 36 ? digit.ToString() : Number(value / 36) + digit;
    }

    /// <summary>One of a file's two parts.</summary>
    private readonly ref struct Part
    {
        private const int HeadBytes = 44;

        public Part(ReadOnlySpan<byte> bytes)
        {
            const int TimeBytes = 8;
            Length = LengthOf(bytes, TimeBytes);
            var (times, types) = (Count(bytes, 3), Count(bytes, 4));
            var body = bytes[HeadBytes..];
            var indices = body[(times * TimeBytes)..];
            var kinds = indices[times..];
            First = BinaryPrimitives.ReadInt32BigEndian(kinds);
            var changes = new (long, int)[times];
            for (var i = 0; i < times; i++)
                changes[i] = (BinaryPrimitives.ReadInt64BigEndian(body[(i * TimeBytes)..]), BinaryPrimitives.ReadInt32BigEndian(kinds[(indices[i] * 6)..]));
            Changes = changes;
        }

        public int Length { get; }

        public int First { get; }

        public IReadOnlyList<(long At, int Offset)> Changes { get; }

        public static int LengthOf(ReadOnlySpan<byte> bytes, int timeBytes) =>
            HeadBytes + Count(bytes, 0) + Count(bytes, 1) + Count(bytes, 2) * (timeBytes + 4) + Count(bytes, 3) * (timeBytes + 1) + Count(bytes, 4) * 6 + Count(bytes, 5);

        // isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt.
        private static int Count(ReadOnlySpan<byte> bytes, int field) => BinaryPrimitives.ReadInt32BigEndian(bytes[(20 + field * 4)..]);
    }
}
