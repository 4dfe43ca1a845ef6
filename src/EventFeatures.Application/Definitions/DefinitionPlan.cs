using EventFeatures.Core.Definitions;

namespace EventFeatures.Application.Definitions;

/// <summary>What applying a set of files would do.</summary>
/// <param name="Changes">One a definition, in the order in which they are applied.</param>
public sealed record DefinitionPlan(IReadOnlyList<DefinitionChange> Changes)
{
    /// <summary>Those that would append an event.</summary>
    public IEnumerable<DefinitionChange> Pending => Changes.Where(change => change.Action != DefinitionAction.Unchanged);
}

/// <summary>What applying one definition would do.</summary>
/// <param name="Action">Whether the name is new, the version is new, or all is there already.</param>
/// <param name="Definition">The definition, with its digest.</param>
/// <param name="Previous">The newest version that is registered under the name; null when there is none.</param>
/// <param name="Differences">What changes from <paramref name="Previous"/>, a line each: <c>+</c>, <c>-</c> or <c>~</c>, the path, the values.</param>
/// <param name="File">The file that declares it.</param>
/// <param name="Line">The line where it starts.</param>
public sealed record DefinitionChange(
    DefinitionAction Action, Definition Definition, Definition? Previous, IReadOnlyList<string> Differences, string File, int Line)
{
    /// <summary>For people: <c>create FeatureView card_activity@v1</c>.</summary>
    public override string ToString() => $"{Action.ToString().ToLowerInvariant()} {Definition.Kind} {Definition.Reference}";
}

/// <summary>What happens to a definition.</summary>
public enum DefinitionAction
{
    /// <summary>The name is new.</summary>
    Create,

    /// <summary>The name has a new version.</summary>
    Update,

    /// <summary>This very version is registered.</summary>
    Unchanged,
}
