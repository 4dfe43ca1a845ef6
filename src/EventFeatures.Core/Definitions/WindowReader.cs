using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Definitions;

/// <summary>
/// Reads the <c>window</c> of a feature. A key that means nothing beside the others is refused by name rather than
/// passed over.
/// </summary>
internal static class WindowReader
{
    private static readonly string[] Modifiers = ["offset", "max_rows", "exclude", "bounds"];

    /// <summary>The kinds of windows, and the keys that belong to each alone.</summary>
    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["sliding"] = ["resolution"],
        ["tumbling"] = ["which"],
        ["hopping"] = ["every"],
        ["session"] = ["merge"],
        ["rows"] = [],
        ["since"] = [],
        ["calendar"] = ["zone", "which"],
    };

    /// <summary>Every key that a window may have.</summary>
    public static IEnumerable<string> Keys => [.. Kinds.Keys, .. Kinds.Values.SelectMany(keys => keys).Distinct(), .. Modifiers];

    public static Window Read(MappingReader feature)
    {
        if (!feature.Has("window")) return new Window.Unbounded();
        if (feature.Node["window"] is ScalarNode scalar)
            return scalar.Text != "none" && feature.Duration("window") is { } length ? new Window.Sliding(length) : new Window.Unbounded();
        return feature.Mapping("window") is { } window ? Read(feature, window) : new Window.Unbounded();
    }

    private static Window Read(MappingReader feature, MappingReader window)
    {
        window.AllowOnly("A window", [.. Keys]);
        var stated = Kinds.Keys.Where(window.Has).ToList();
        if (stated.Count > 1)
        {
            feature.Report("window-invalid", "window", $"The window is both {string.Join(" and ", stated)}. Keep one.");
            return new Window.Unbounded();
        }
        var kind = stated.SingleOrDefault();
        if (kind is null && !Modifiers.Any(window.Has))
            feature.Report("window-invalid", "window", $"The window says nothing. Write a length such as 1h, one of {string.Join(", ", Kinds.Keys)}, or leave it out for all events.");
        foreach (var stray in Kinds.Values.SelectMany(keys => keys).Distinct().Where(window.Has).Except(kind is null ? [] : Kinds[kind]))
            window.Report("window-unsupported", stray, $"'{stray}' belongs to {string.Join(" and ", Kinds.Where(other => other.Value.Contains(stray)).Select(other => other.Key))} windows only.");
        return ReadKind(kind, window) with
        {
            Offset = window.Duration("offset") ?? Duration.Zero,
            RowsMax = window.Has("max_rows") ? Count(window, "max_rows") : null,
            Exclude = window.OneOf("exclude", "same_time", "ties", "newest") switch
            {
                "same_time" => WindowExclusion.SameTime,
                "ties" => WindowExclusion.Ties,
                "newest" => WindowExclusion.Newest,
                _ => WindowExclusion.None,
            },
            Edges = window.OneOf("bounds", "(]", "[]", "[)") switch
            {
                "[]" => WindowEdges.Closed,
                "[)" => WindowEdges.EndOpen,
                _ => WindowEdges.StartOpen,
            },
        };
    }

    private static Window ReadKind(string? kind, MappingReader window)
    {
        var previous = window.OneOf("which", "current", "previous") == "previous";
        return kind switch
        {
            "sliding" => new Window.Sliding(Length(window, kind)) { Resolution = window.Duration("resolution") },
            "tumbling" => new Window.Tumbling(Length(window, kind), previous),
            "hopping" => new Window.Hopping(Length(window, kind), Every(window)),
            "session" => ReadSession(window),
            "rows" => new Window.Rows(Count(window, kind)),
            "since" => new Window.Since(window.RequiredText(kind, "\"status == 'declined'\"")),
            "calendar" => new Window.Calendar(
                window.OneOf("calendar", "day", "week", "month", "year") switch
                {
                    "week" => CalendarPeriod.Week,
                    "month" => CalendarPeriod.Month,
                    "year" => CalendarPeriod.Year,
                    _ => CalendarPeriod.Day,
                },
                window.RequiredText("zone", "Europe/Paris"), previous),
            _ => new Window.Unbounded(),
        };
    }

    private static Window.Session ReadSession(MappingReader window)
    {
        string? merge = window.OneOf("merge", "overlapping", "touching");
        if (window.Mapping("session") is not { } session) return new Window.Session(Stand);
        session.AllowOnly("A session", "gap", "merge");
        if (!session.Has("gap"))
            session.Report("key-missing", "gap", "'gap' is missing. Write for example window: { session: { gap: 30m } }");
        var inside = session.OneOf("merge", "overlapping", "touching");
        if (merge is not null && inside is not null && merge != inside)
            window.Report("window-invalid", "merge", $"'merge' is {merge} here and {inside} in the session. Keep one.");
        return new Window.Session(session.Duration("gap") ?? Stand, (inside ?? merge) == "touching");
    }

    private static Duration Length(MappingReader window, string kind) => window.Duration(kind) ?? Stand;

    private static Duration Every(MappingReader window)
    {
        if (!window.Has("every"))
            window.Report("key-missing", "every", "'every' is missing. Write for example window: { hopping: 1h, every: 5m }");
        return window.Duration("every") ?? Stand;
    }

    private static int Count(MappingReader window, string key)
    {
        if (window.Integer(key) is not { } count) return 1;
        if (count is >= 1 and <= WindowRules.RowsMax) return (int)count;
        window.Report("window-invalid", key, $"'{key}' is {count}. Give from 1 to {WindowRules.RowsMax}.");
        return 1;
    }

    // What reading goes on with after an issue.
    private static readonly Duration Stand = Duration.Parse("1s");
}
