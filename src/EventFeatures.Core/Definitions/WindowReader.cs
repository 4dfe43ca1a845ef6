using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads the <c>window</c> of a feature.</summary>
internal static class WindowReader
{
    private static readonly string[] Kinds = ["sliding", "tumbling"];

    /// <summary>Windows and modifiers of the language that this version does not run. They are refused by name.</summary>
    private static readonly string[] Unsupported =
        ["hopping", "every", "session", "rows", "since", "calendar", "zone", "offset", "max_rows", "exclude", "bounds", "resolution", "merge", "gap"];

    public static Window Read(MappingReader feature)
    {
        if (!feature.Has("window")) return new Window.Unbounded();
        if (feature.Node["window"] is ScalarNode)
            return feature.Duration("window") is { } length ? new Window.Sliding(length) : new Window.Unbounded();
        return feature.Mapping("window") is { } window ? Read(feature, window) : new Window.Unbounded();
    }

    private static Window Read(MappingReader feature, MappingReader window)
    {
        var refused = window.Node.Entries.Where(entry => Unsupported.Contains(entry.Key)).ToList();
        foreach (var entry in refused)
            window.Report("window-unsupported", entry.Key, $"'{entry.Key}' is not supported by this version. It runs sliding windows (1h), {{ tumbling: 1h, which: previous }} and no window at all.");
        if (refused.Count > 0) return new Window.Unbounded();

        window.AllowOnly("A window", "sliding", "tumbling", "which");
        var stated = Kinds.Where(window.Has).ToList();
        if (stated.Count != 1)
        {
            feature.Report("window-invalid", "window", stated.Count == 0
                ? "The window says neither sliding nor tumbling. Write for example window: 1h, or window: { tumbling: 1h }."
                : "The window is both sliding and tumbling. Keep one.");
            return new Window.Unbounded();
        }
        var length = window.Duration(stated[0]) ?? Duration.Parse("1s");
        if (stated[0] == "tumbling") return new Window.Tumbling(length, window.OneOf("which", "current", "previous") == "previous");
        if (window.Has("which")) window.Report("window-invalid", "which", "'which' belongs to tumbling windows only.");
        return new Window.Sliding(length);
    }
}
