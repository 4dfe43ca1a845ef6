using System.Globalization;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>Places as the protocol writes them: a revision in decimal, or <c>C:12/P:12</c> for the whole log.</summary>
internal static class Places
{
    /// <summary>The text of a place; an absent one of the log is -1 in both parts.</summary>
    public static string Describe(GroupKey key, long place) =>
        key.IsWholeLog
            ? FormattableString.Invariant($"C:{place}/P:{place}")
            : place.ToString(CultureInfo.InvariantCulture);

    /// <summary>The place that either form names.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static long Parse(string text)
    {
        var number = text.StartsWith("C:", StringComparison.Ordinal) && text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            ? text.AsSpan(2, slash - 2)
            : text.AsSpan();
        return long.Parse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }
}
