using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Views.FeatureViews.Seeding;

/// <summary>Whether a version's rows are among those of an older version, so that they need not be read from the log again.</summary>
internal static class SeedRule
{
    /// <summary>Why they are not, as the end of a sentence that begins with "since"; null when they are.</summary>
    public static string? Refuse(CompiledView next, CompiledView older)
    {
        if (!next.EntitiesAreStreams || !older.EntitiesAreStreams)
            return "only of views of one contract whose entities are its streams the rows say all that decided which events count";
        if (next.View.Entity != older.View.Entity) return $"{Name(older)} describes another entity";
        if (next.ContractDigest != older.ContractDigest) return $"{Name(older)} reads another contract";
        if (!Same(next.View.Sources[0].As, older.View.Sources[0].As)) return $"{Name(older)} gives the contract's fields other names";
        return next.Columns.FirstOrDefault(column => !older.Columns.Contains(column)) is { } missing ? $"{Name(older)} does not keep '{missing.Name}'" : null;
    }

    private static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right) =>
        left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out var there) && there == pair.Value);

    private static string Name(CompiledView view) => view.View.Reference;
}
