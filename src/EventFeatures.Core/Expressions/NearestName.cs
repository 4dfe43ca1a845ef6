namespace EventFeatures.Core.Expressions;

/// <summary>Finds the name that somebody probably meant.</summary>
public static class NearestName
{
    /// <summary><c> Did you mean 'amount'?</c> with a leading space, or the names there are if none is near, or nothing.</summary>
    public static string Hint(string written, IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        if (all.Count == 0) return "";
        var nearest = all.Select(name => (Name: name, Distance: Distance(written.ToLowerInvariant(), name.ToLowerInvariant()))).MinBy(pair => pair.Distance);
        if (nearest.Distance <= Math.Max(1, written.Length / 3)) return $" Did you mean '{nearest.Name}'?";
        return $" There are: {string.Join(", ", all.Take(20))}{(all.Count > 20 ? ", …" : "")}.";
    }

    /// <summary>How many insertions, deletions, replacements and swaps of neighbours lead from one text to the other.</summary>
    private static int Distance(string left, string right)
    {
        var table = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++) table[i, 0] = i;
        for (var j = 0; j <= right.Length; j++) table[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = left[i - 1] == right[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) best = Math.Min(best, table[i - 2, j - 2] + 1);
                table[i, j] = best;
            }
        }
        return table[left.Length, right.Length];
    }
}
