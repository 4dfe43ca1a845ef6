using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Links;

/// <summary>
/// A stream of links that nobody appends to: <c>$ce-&lt;category&gt;</c> links to the events of all streams of a
/// category, <c>$et-&lt;type&gt;</c> to all events of a type, and <c>$streams</c> to the first event of every stream.
/// </summary>
internal sealed class LinkStream
{
    private const string CategoryPrefix = "$ce-";
    private const string TypePrefix = "$et-";
    private const string Streams = "$streams";

    private readonly Func<StoredEvent, bool> _matches;

    private LinkStream(string name, string condition, string[] arguments, Func<StoredEvent, bool> matches)
    {
        Name = name;
        Condition = condition;
        Arguments = arguments;
        _matches = matches;
    }

    public string Name { get; }

    /// <summary>
    /// The same as <see cref="Matches"/> in SQL, of <c>log.events e</c>; its arguments are $3 and on. No index on
    /// streams fits it, since the events are looked at in the order of their positions.
    /// </summary>
    public string Condition { get; }

    public string[] Arguments { get; }

    /// <summary>Whether the stream links to an event.</summary>
    public bool Matches(StoredEvent stored) => _matches(stored);

    /// <summary>The link stream of a name, or <see langword="null"/> when the name is of another kind.</summary>
    public static LinkStream? Of(string name)
    {
        if (name.Length == 0 || name[0] != '$') return null;
        if (name.StartsWith(CategoryPrefix, StringComparison.Ordinal)) return OfCategory(name, name[CategoryPrefix.Length..]);
        if (name.StartsWith(TypePrefix, StringComparison.Ordinal)) return OfType(name, name[TypePrefix.Length..]);
        return name == Streams ? new LinkStream(name, "e.revision + 0 = 0", [], stored => stored.Revision == 0) : null;
    }

    // A category ends at the first hyphen, so one with a hyphen in it has no streams. A tombstone is no event of its category's.
    private static LinkStream OfCategory(string name, string category)
    {
        if (category.Contains('-', StringComparison.Ordinal) || category.Length == 0) return new LinkStream(name, "false", [], _ => false);
        var prefix = category + "-";
        return new LinkStream(
            name, FormattableString.Invariant($"left(e.stream, length($3)) = $3 AND e.revision + 0 < {WireNames.TombstoneRevision}"), [prefix],
            stored => stored.Revision < WireNames.TombstoneRevision && stored.Stream.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static LinkStream OfType(string name, string type) =>
        new(name, "e.type = $3", [type], stored => string.Equals(stored.Type, type, StringComparison.Ordinal));
}
