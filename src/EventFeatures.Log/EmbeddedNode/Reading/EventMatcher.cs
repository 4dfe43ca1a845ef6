using System.Text.RegularExpressions;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol.Streaming;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>A filter of a caller: by prefixes or by a regular expression, of the stream's name or the event's type.</summary>
internal sealed class EventMatcher
{
    private const int PatternLengthMax = 4096;
    private const int PrefixesMax = 10_000;

    // Storage compares each event with each of them, and one statement must not take long.
    private const int PrefixesOfStorageMax = 100;

    private static readonly TimeSpan MatchDeadline = TimeSpan.FromMilliseconds(250);

    private readonly bool _byType;
    private readonly string[] _prefixes;
    private readonly Regex? _regex;

    private EventMatcher(bool byType, string[] prefixes, Regex? regex)
    {
        _byType = byType;
        _prefixes = prefixes;
        _regex = regex;
        // Storage takes no zero character, and has no name with one.
        if (regex is null && prefixes.Length <= PrefixesOfStorageMax) Prefixes = new EventPrefixes(byType, [.. prefixes.Where(prefix => !prefix.Contains('\0'))]);
    }

    /// <summary>The filter as storage can apply it; null for an expression, of which storage speaks another dialect, and for very many prefixes.</summary>
    public EventPrefixes? Prefixes { get; }

    /// <summary>Reads a filter from a request, or refuses it as an invalid argument.</summary>
    public static EventMatcher From(ReadReq.Types.Options.Types.FilterOptions filter)
    {
        var (byType, expression) = filter.FilterCase switch
        {
            ReadReq.Types.Options.Types.FilterOptions.FilterOneofCase.EventType => (true, filter.EventType),
            ReadReq.Types.Options.Types.FilterOptions.FilterOneofCase.StreamIdentifier => (false, filter.StreamIdentifier),
            _ => throw Refusals.Invalid("The filter names neither event_type nor stream_identifier. Set one, or no_filter."),
        };
        if (expression.Prefix.Count > PrefixesMax)
            throw Refusals.Invalid(FormattableString.Invariant($"The filter has {expression.Prefix.Count} prefixes; at most {PrefixesMax} are taken."));
        // As on a real server, prefixes win over an expression.
        if (expression.Prefix.Count > 0) return new EventMatcher(byType, [.. expression.Prefix], null);
        if (expression.Regex.Length > 0) return new EventMatcher(byType, [], Compile(expression.Regex));
        throw Refusals.Invalid("The filter has neither a prefix nor a regular expression. Give one, or no_filter.");
    }

    /// <summary>Whether an event is wanted.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more, of which an expression may need many.</exception>
    public bool Matches(StoredEvent stored, CancellationToken cancellation)
    {
        var text = _byType ? stored.Type : stored.Stream;
        if (_regex is not null)
        {
            // Each may take as long as the deadline allows, and a page has thousands.
            cancellation.ThrowIfCancellationRequested();
            return MatchesRegex(text);
        }
        foreach (var prefix in _prefixes)
            if (text.StartsWith(prefix, StringComparison.Ordinal)) return true;
        return false;
    }

    private bool MatchesRegex(string text)
    {
        try
        {
            return _regex!.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw Refusals.Invalid(FormattableString.Invariant($"The filter's regular expression '{_regex}' took more than {MatchDeadline.TotalMilliseconds} ms on '{text}'. Write it without nested repetition."));
        }
    }

    private static Regex Compile(string pattern)
    {
        if (pattern.Length > PatternLengthMax)
            throw Refusals.Invalid(FormattableString.Invariant($"The filter's regular expression has {pattern.Length} characters; at most {PatternLengthMax} are taken."));
        try
        {
            // Linear time where the expression allows it; look-arounds and back-references do not.
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchDeadline);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, MatchDeadline);
        }
        catch (ArgumentException wrong)
        {
            throw Refusals.Invalid($"The filter's regular expression '{pattern}' is invalid: {wrong.Message}");
        }
    }
}
