namespace EventFeatures.Core.Expressions;

/// <summary>SQL's <c>like</c>: <c>%</c> is any text, also none, and <c>_</c> one code point.</summary>
internal sealed class LikePattern(string pattern)
{
    /// <summary>
    /// Whether the whole of a text is as the pattern says. Takes at most as many steps as the text's length times the
    /// pattern's: where a part fails after a <c>%</c>, only that <c>%</c> is tried for one more code point.
    /// </summary>
    public bool Matches(string text)
    {
        var (at, want) = (0, 0);
        var (retryAt, retryWant) = (0, -1);
        while (at < text.Length)
        {
            if (want < pattern.Length && pattern[want] == '%') (retryAt, retryWant) = (at, ++want);
            else if (want < pattern.Length && pattern[want] == '_') (at, want) = (Next(text, at), want + 1);
            else if (want < pattern.Length && pattern[want] == text[at]) (at, want) = (at + 1, want + 1);
            else if (retryWant >= 0) (at, want) = (retryAt = Next(text, retryAt), retryWant);
            else return false;
        }
        while (want < pattern.Length && pattern[want] == '%') want++;
        return want == pattern.Length;
    }

    private static int Next(string text, int at) => at + (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1);
}
