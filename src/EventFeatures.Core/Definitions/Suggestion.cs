namespace EventFeatures.Core.Definitions;

/// <summary>Guesses what a person meant by a name that does not exist.</summary>
public static class Suggestion
{
    private const int ListedMax = 12;

    /// <summary>
    /// A sentence such as <c>Did you mean 'mean'?</c> where one of <paramref name="allowed"/> is near, else the
    /// list of what is allowed, else nothing.
    /// </summary>
    public static string For(string found, IEnumerable<string> allowed)
    {
        var names = allowed.Distinct().Order(StringComparer.Ordinal).ToList();
        if (Nearest(found, names) is { } nearest) return $" Did you mean '{nearest}'?";
        if (names.Count == 0) return "";
        var listed = string.Join(", ", names.Take(ListedMax));
        return $" Allowed: {listed}{(names.Count > ListedMax ? $" and {names.Count - ListedMax} more" : "")}.";
    }

    /// <summary>The name that differs least, or <see langword="null"/> when none is near enough to be meant.</summary>
    public static string? Nearest(string found, IReadOnlyList<string> names)
    {
        var best = names.Select(name => (Name: name, Distance: Distance(found, name))).DefaultIfEmpty((Name: "", Distance: int.MaxValue)).MinBy(pair => pair.Distance);
        // A third of the letters may be wrong; of a short name, one or two.
        return best.Distance <= Math.Max(2, found.Length / 3) && best.Distance < Math.Max(found.Length, 2) ? best.Name : null;
    }

    /// <summary>Edits between two names: insert, delete, replace, or swap neighbours; letter case is a small difference.</summary>
    private static int Distance(string left, string right)
    {
        if (string.Equals(left, right, StringComparison.OrdinalIgnoreCase)) return 1;
        if (Math.Abs(left.Length - right.Length) > 8 || left.Length > 200) return int.MaxValue;
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= right.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var replace = rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replace, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[left.Length, right.Length];
    }
}
