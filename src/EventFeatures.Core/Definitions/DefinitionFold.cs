using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;

namespace EventFeatures.Core.Definitions;

/// <summary>
/// Adds definitions, one after the other, to what is registered, and checks each against it. <c>plan</c>, the
/// registry and <c>evaluate</c> all go through this one class, so that what is planned is what will be.
/// </summary>
public sealed class DefinitionFold(RegistrySnapshot start)
{
    private readonly HashSet<(DefinitionKind, string)> _broken = [];

    /// <summary>What is registered by now.</summary>
    public RegistrySnapshot Current { get; private set; } = start;

    /// <summary>The order in which definitions depend on each other: a definition needs only earlier kinds.</summary>
    public static IEnumerable<T> InOrder<T>(IEnumerable<T> items, Func<T, Definition> definition) => items
        .OrderBy(item => definition(item).Kind)
        .ThenBy(item => definition(item).Name, StringComparer.Ordinal)
        .ThenBy(item => DefinitionVersion.Of(definition(item)));

    /// <summary>Says that a definition of this name could not be read, so that references to it are no issues of their own.</summary>
    public void MarkBroken(DefinitionKind kind, string name) => _broken.Add((kind, name));

    /// <summary>
    /// Adds one definition, unless something is wrong with it. Adding what is there already changes nothing.
    /// </summary>
    /// <param name="definition">The definition.</param>
    /// <param name="pins">The versions of the names that it refers to without a version; the newest of each where this says nothing.</param>
    /// <param name="report">Hears each issue; its path is within the definition's document.</param>
    /// <returns>Whether the definition is registered now.</returns>
    public bool Add(Definition definition, IReadOnlyDictionary<string, int>? pins, Action<DefinitionIssue> report)
    {
        var issues = new List<DefinitionIssue>();
        var isKnown = VersionRules.IsKnown(Current.History, definition, issues);
        if (isKnown) return true;
        var next = issues.Count > 0 ? null : definition switch
        {
            DataContract contract => WithContract(contract, issues),
            Entity entity => WithEntity(entity, issues),
            FeatureView view => WithView(view, issues),
            FeatureService service => WithService(service, pins, issues),
            Model model => WithModel(model, pins, issues),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        issues.ForEach(report);
        if (next is null || issues.Count > 0)
        {
            MarkBroken(definition.Kind, definition.Name);
            return false;
        }
        Current = next;
        return true;
    }

    private RegistrySnapshot WithContract(DataContract contract, List<DefinitionIssue> issues)
    {
        ContractRules.Check(Current, contract, issues);
        var next = Current with { Contracts = With(Current.Contracts, contract.Reference, contract), History = [.. Current.History, contract] };
        return issues.Count > 0 ? next : Recompiled(next, view => view.Sources.Any(source => source.Contract == contract.Reference), contract, issues);
    }

    private RegistrySnapshot WithEntity(Entity entity, List<DefinitionIssue> issues)
    {
        var next = Current with { Entities = With(Current.Entities, entity.Name, entity), History = [.. Current.History, entity] };
        return Recompiled(next, view => view.Entity == entity.Name, entity, issues);
    }

    private RegistrySnapshot? WithView(FeatureView view, List<DefinitionIssue> issues)
    {
        var complete = true;
        for (var i = 0; i < view.Sources.Count; i++)
        {
            var (reference, place) = (view.Sources[i].Contract, view.Sources.Count == 1 ? "source" : $"sources[{i}]");
            complete &= Find(Current.Contracts, DefinitionKind.DataContract, reference, reference.Split('/')[0], $"{place}.contract", issues) is not null;
        }
        if (Find(Current.Entities, DefinitionKind.Entity, view.Entity, view.Entity, "entity", issues) is not { } entity || !complete) return null;
        if (Compile(view, Current.Contracts, entity, issues) is not { } compiled) return null;
        return Current with
        {
            Views = With(Current.Views, new ViewReference(view.Name, view.Version), compiled),
            History = [.. Current.History, view],
        };
    }

    private RegistrySnapshot? WithService(FeatureService service, IReadOnlyDictionary<string, int>? pins, List<DefinitionIssue> issues)
    {
        var pinned = ServiceRules.Pin(Current, service, pins, name => _broken.Contains((DefinitionKind.FeatureView, name)), issues);
        if (pinned is null) return null;
        try
        {
            CompiledService.Compile(pinned, Current.Views, Current.Entities, forModel: false);
        }
        catch (DefinitionInvalidException invalid)
        {
            issues.AddRange(invalid.Issues);
        }
        return Current with { Services = With(Current.Services, service.Reference, pinned), History = [.. Current.History, pinned] };
    }

    private RegistrySnapshot? WithModel(Model model, IReadOnlyDictionary<string, int>? pins, List<DefinitionIssue> issues)
    {
        DefinitionReference.TryParse(model.Service, out var reference);
        var version = reference.Version
            ?? (pins?.TryGetValue(reference.Name, out var pin) == true ? pin : (int?)null)
            ?? Current.Services.Values.Where(one => one.Name == reference.Name).Select(one => (int?)one.Version).Max();
        var name = (reference with { Version = version ?? 1 }).ToString();
        if (Find(Current.Services, DefinitionKind.FeatureService, name, reference.Name, "service", issues) is not { } service) return null;
        CheckInputs(service, issues);
        var pinned = model with { Service = service.Reference };
        var entry = Current.Models.TryGetValue(model.Name, out var known) ? known with { Definition = pinned } : new ModelEntry(pinned, [], null);
        return Current with { Models = With(Current.Models, model.Name, entry), History = [.. Current.History, pinned] };
    }

    /// <summary>Any service can be read; a model's has to give nothing but numbers.</summary>
    private void CheckInputs(FeatureService service, List<DefinitionIssue> issues)
    {
        try
        {
            CompiledService.Compile(service, Current.Views, Current.Entities, forModel: true);
        }
        catch (DefinitionInvalidException invalid)
        {
            issues.AddRange(invalid.Issues.Select(issue => issue with { Path = "service", Message = $"In {service.Reference}, {issue.Path}: {issue.Message}" }));
        }
    }

    /// <summary>Views see the newest minor of their contract and the newest version of their entity, and must still run over them.</summary>
    private static RegistrySnapshot Recompiled(
        RegistrySnapshot next, Func<FeatureView, bool> concerned, Definition because, List<DefinitionIssue> issues)
    {
        var views = new Dictionary<ViewReference, CompiledView>(next.Views);
        foreach (var (reference, compiled) in next.Views.Where(pair => concerned(pair.Value.View)))
        {
            var found = new List<DefinitionIssue>();
            if (Compile(compiled.View, next.Contracts, next.Entities[compiled.View.Entity], found) is { } again)
            {
                // A field that one source gains may have been another's alone until now.
                if (!again.Layouts.Zip(compiled.Layouts).All(pair => pair.First.SequenceEqual(pair.Second)))
                    found.Add(new DefinitionIssue("dependent-view-breaks", "It names a field that was another contract's alone, or the event's type, until now; its features would come to mean something else."));
                views[reference] = again;
            }
            // A retired version that cannot run any more stays as it was, for what was predicted with it.
            if (found.Count > 0 && next.RetiredViews.ContainsKey(reference))
            {
                views[reference] = compiled;
                continue;
            }
            foreach (var issue in found)
                issues.Add(new DefinitionIssue("dependent-view-breaks", $"The registered view {reference} cannot run over {because.Kind} {because.Name} {DefinitionVersion.Text(because)}: {issue.Message} Keep what the view uses, or make a new major version."));
        }
        return next with { Views = views };
    }

    private static CompiledView? Compile(FeatureView view, IReadOnlyDictionary<string, DataContract> contracts, Entity entity, List<DefinitionIssue> issues)
    {
        try
        {
            return CompiledView.Compile(view, contracts, entity);
        }
        catch (DefinitionInvalidException invalid)
        {
            issues.AddRange(invalid.Issues);
            return null;
        }
    }

    private T? Find<T>(IReadOnlyDictionary<string, T> known, DefinitionKind kind, string reference, string name, string path, List<DefinitionIssue> issues)
        where T : Definition
    {
        if (_broken.Contains((kind, name))) return null;
        if (known.TryGetValue(reference, out var found)) return found;
        issues.Add(new DefinitionIssue("reference-unknown", $"There is no {kind} '{reference}', neither in these files nor registered.{Suggestion.For(reference, known.Keys)}", path));
        return null;
    }

    private static Dictionary<TKey, TValue> With<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> map, TKey key, TValue value)
        where TKey : notnull => new(map) { [key] = value };
}
