using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;

namespace EventFeatures.Application.Definitions;

/// <summary>Compares files with what is registered.</summary>
internal static class DefinitionPlanner
{
    /// <summary>The plan, what it was made against, and the registry as it would be.</summary>
    /// <exception cref="DefinitionInvalidException">The files cannot be applied.</exception>
    /// <exception cref="RegistryStoppedException">What is registered is not known any more.</exception>
    public static (DefinitionPlan Plan, RegistrySnapshot Registered, RegistrySnapshot Result) Plan(IReadOnlyList<DefinitionFile> files, IRegistry registry)
    {
        if (registry.Fault is { } fault) throw new RegistryStoppedException(fault);
        var registered = registry.Current;
        var (declared, result) = DeclaredDefinitions.Check(files, registered);
        return (new DefinitionPlan([.. declared.Select(one => Change(one, registered))]), registered, result);
    }

    private static DefinitionChange Change(DeclaredDefinition declared, RegistrySnapshot registered)
    {
        var (definition, source) = declared;
        var others = registered.History.Where(one => one.Kind == definition.Kind && one.Name == definition.Name).ToList();
        var same = others.Find(one => one.Digest == definition.Digest);
        // A contract is compared within its major, and with the newest of all only when its major is new.
        var previous = same
            ?? others.Where(one => definition is not DataContract || one.Version == definition.Version).MaxBy(DefinitionVersion.Of)
            ?? others.MaxBy(DefinitionVersion.Of);
        var action = same is not null ? DefinitionAction.Unchanged : previous is null ? DefinitionAction.Create : DefinitionAction.Update;
        var differences = same is not null ? [] : DocumentDiff.Between(previous?.CanonicalJson, definition.CanonicalJson);
        return new DefinitionChange(action, definition, previous, differences, source.File, source.Root.Line);
    }
}
