using EventFeatures.Core.Definitions;

namespace EventFeatures.Application.Definitions;

/// <summary>What differs between two definitions, a line each, for people.</summary>
internal static class DocumentDiff
{
    private const int LineLengthMax = 160;

    /// <summary>Lines such as <c>~ features[count_1h].window: "1h" -> "2h"</c>. Items of lists are matched by their name.</summary>
    public static IReadOnlyList<string> Between(string? earlierJson, string laterJson)
    {
        var lines = new List<string>();
        Walk("", earlierJson is null ? null : Parse(earlierJson), Parse(laterJson), lines);
        return lines;
    }

    private static DocumentNode Parse(string json)
    {
        var issues = new IssueList();
        var document = JsonDocuments.Read("", json, issues);
        issues.ThrowIfAny();
        return document!.Root;
    }

    private static void Walk(string path, DocumentNode? earlier, DocumentNode? later, List<string> lines)
    {
        if (earlier is not null && later is not null && CanonicalJson.Write(earlier) == CanonicalJson.Write(later)) return;
        if ((path.Length == 0 || (earlier is not null && later is not null)) && Members(earlier, later) is { } members)
        {
            foreach (var (name, old, next) in members) Walk((path + name).TrimStart('.'), old, next, lines);
            return;
        }
        lines.Add((earlier, later) switch
        {
            (null, not null) => $"+ {path}: {Text(later)}",
            (not null, null) => $"- {path}: {Text(earlier)}",
            _ => $"~ {path}: {Text(earlier!)} -> {Text(later!)}",
        });
    }

    /// <summary>The members of two mappings or named lists side by side; <see langword="null"/> when they are none.</summary>
    private static List<(string Name, DocumentNode? Earlier, DocumentNode? Later)>? Members(DocumentNode? earlier, DocumentNode? later)
    {
        var (left, right) = (Children(earlier), Children(later));
        if ((earlier is not null && left is null) || (later is not null && right is null)) return null;
        if (earlier is not null && later is not null && earlier.GetType() != later.GetType()) return null;
        left ??= [];
        right ??= [];
        return [.. left.Keys.Union(right.Keys).Select(name => (name, left.GetValueOrDefault(name), right.GetValueOrDefault(name)))];
    }

    private static Dictionary<string, DocumentNode>? Children(DocumentNode? node)
    {
        if (node is MappingNode mapping) return mapping.Entries.ToDictionary(entry => "." + entry.Key, entry => entry.Value);
        if (node is not SequenceNode list) return null;
        var names = list.Items.Select((item, index) => $"[{NameOf(item) ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)}]").ToList();
        return names.Distinct().Count() == names.Count ? names.Zip(list.Items).ToDictionary(pair => pair.First, pair => pair.Second) : null;
    }

    private static string? NameOf(DocumentNode item) => item is MappingNode mapping
        ? (mapping["name"] ?? mapping["feature"] ?? mapping["property"]) is ScalarNode name ? name.Text : null
        : null;

    private static string Text(DocumentNode node)
    {
        var text = CanonicalJson.Write(node);
        return text.Length <= LineLengthMax ? text : text[..(LineLengthMax - 3)] + "...";
    }
}
