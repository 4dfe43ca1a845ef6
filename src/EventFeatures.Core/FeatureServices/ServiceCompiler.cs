using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureServices;

/// <summary>Finds where each input of a service comes from and in which order they can be computed.</summary>
internal sealed class ServiceCompiler(
    FeatureService service, IReadOnlyDictionary<ViewReference, CompiledView> views, IReadOnlyDictionary<string, Entity> entities, bool forModel)
{
    private readonly ServiceInput?[] _inputs = new ServiceInput?[service.Features.Count];
    private readonly List<ServiceView> _views = [];
    private readonly List<int> _order = [];

    public List<DefinitionIssue> Issues { get; } = [];

    public IReadOnlyList<ServiceView> Views => _views;

    public IReadOnlyList<ServiceInput> Inputs => [.. _inputs.Select(input => input!)];

    public IReadOnlyList<int> Order => _order;

    public void Run()
    {
        for (var i = 0; i < _inputs.Length; i++)
            if (service.Features[i].View is not null) ResolveViewFeature(i);
        if (Issues.Count > 0) return;
        ResolveExpressions();
        if (forModel && Issues.Count == 0) CheckModelInputs();
        if (service.Precompute is not null && Issues.Count == 0) CheckPrecompute();
    }

    private void ResolveViewFeature(int index)
    {
        var feature = service.Features[index];
        if (Find(feature.View!, feature.ViewVersion, index) is not { } view) return;
        var at = view.View.View.Features.ToList().FindIndex(one => one.Name == feature.Feature);
        if (at < 0)
        {
            Report(index, "reference-unknown", $"The FeatureView {view.Reference} has no feature '{feature.Feature}'. It has {string.Join(", ", view.View.View.Features.Select(one => one.Name))}.");
            return;
        }
        var shape = view.View.FeatureShapes[at];
        if (Default(index, shape.Kind) is not { } standIn) return;
        _inputs[index] = new ServiceInput.FromView(shape, standIn, _views.IndexOf(view), at);
        _order.Add(index);
    }

    private ServiceView? Find(string name, int? version, int index)
    {
        var reference = new ViewReference(name, version ?? views.Keys.Where(key => key.Name == name).Select(key => key.Version).DefaultIfEmpty(1).Max());
        if (_views.Find(view => view.Reference == reference) is { } known) return known;
        if (!views.TryGetValue(reference, out var compiled))
        {
            Report(index, "reference-unknown", $"There is no FeatureView {reference}. Apply it before the service, or correct the reference.");
            return null;
        }
        if (!entities.TryGetValue(compiled.View.Entity, out var entity))
        {
            Report(index, "reference-unknown", $"The FeatureView {reference} describes the entity '{compiled.View.Entity}', which is not registered. Apply the entity first.");
            return null;
        }
        var view = new ServiceView(reference, compiled, entity);
        _views.Add(view);
        return view;
    }

    /// <summary>
    /// Each round computes what reads only context, view features and what earlier rounds computed. What is left when
    /// a round brings nothing reads itself, directly or through others.
    /// </summary>
    private void ResolveExpressions()
    {
        var names = Enumerable.Range(0, _inputs.Length).Where(index => _inputs[index] is null).ToDictionary(index => index, ReadsOf);
        if (Issues.Count > 0) return;
        while (names.Count > 0)
        {
            var ready = names.Keys.Where(index => !names[index].Any(names.ContainsKey)).Order().ToList();
            if (ready.Count == 0)
            {
                var cycle = string.Join(", ", names.Keys.Order().Select(index => $"'{service.Features[index].Name}'"));
                Report(names.Keys.Min(), "expression-cycle", $"The on-demand features {cycle} read each other in a circle. Write one of them over context fields and views' features alone.");
                return;
            }
            foreach (var index in ready)
            {
                ResolveExpression(index);
                names.Remove(index);
            }
            if (Issues.Count > 0) return;
        }
    }

    /// <summary>The other inputs whose names stand in an expression. A context field goes before an input of the same name.</summary>
    private HashSet<int> ReadsOf(int index)
    {
        var feature = service.Features[index];
        try
        {
            return [.. ExpressionNames.In(feature.Expression ?? "")
                .Where(name => !service.Context.Any(field => field.Name == name))
                .Select(name => service.Features.ToList().FindIndex(other => other.Name == name))
                .Where(other => other >= 0)];
        }
        catch (ExpressionException exception)
        {
            Report(index, "expression-invalid", $"'{feature.Expression}' cannot be read: {exception.Message}");
            return [];
        }
    }

    private void ResolveExpression(int index)
    {
        var feature = service.Features[index];
        var shapes = service.Context.ToDictionary(field => field.Name, field => new ValueShape(field.Type));
        for (var i = 0; i < _inputs.Length; i++)
            if (_inputs[i] is { } input) shapes.TryAdd(service.Features[i].Name, input.Shape);
        try
        {
            var compiled = Expression.Compile(feature.Expression!, shapes);
            if (Default(index, compiled.Kind) is not { } standIn) return;
            _inputs[index] = new ServiceInput.OnDemand(compiled.Shape, standIn, compiled, [.. compiled.Fields.Select(OperandOf)]);
            _order.Add(index);
        }
        catch (ExpressionException exception)
        {
            Report(index, "expression-invalid", $"'{feature.Expression}' cannot be computed: {exception.Message}");
        }
    }

    private Operand OperandOf(string name)
    {
        var context = service.Context.ToList().FindIndex(field => field.Name == name);
        return context >= 0 ? new Operand(true, context) : new Operand(false, service.Features.ToList().FindIndex(feature => feature.Name == name));
    }

    private Value? Default(int index, ValueKind kind)
    {
        var feature = service.Features[index];
        if (feature.OnMissing != MissingPolicy.Default) return Value.Null;
        if (ValueConversion.To(kind, feature.Default) is { } converted) return converted;
        Report(index, "default-type-mismatch", $"The default {feature.Default} of '{feature.Name}' is of type {feature.Default.Kind}, the feature of type {kind}. Give a default of the feature's type.");
        return null;
    }

    /// <summary>A vector that is computed ahead of its request can hold only what one entity's events say.</summary>
    private void CheckPrecompute()
    {
        if (service.Context.Count > 0)
            Issues.Add(new DefinitionIssue("precompute-impossible",
                $"The service reads {string.Join(", ", service.Context.Select(field => $"'{field.Name}'"))} of the request, which is not known before it comes. Precompute a service of the views' features alone, or leave precompute out.", "precompute"));
        var entities = _views.Select(view => view.Entity.Name).Distinct().ToList();
        if (entities.Count > 1)
            Issues.Add(new DefinitionIssue("precompute-impossible",
                $"The service reads views of {string.Join(" and ", entities)}, and which of them a request will ask for together is not known before it comes. Precompute a service of one entity's views, or leave precompute out.", "precompute"));
    }

    private void CheckModelInputs()
    {
        for (var i = 0; i < _inputs.Length; i++)
            if (!ModelInput.Accepts(_inputs[i]!.Kind))
                Report(i, "model-input-not-numeric", $"'{service.Features[i].Name}' is of type {_inputs[i]!.Kind}, which a model cannot read as a number. Turn it into one with an on-demand expression, for example: {NumberOf(_inputs[i]!.Kind, service.Features[i].Name)}.");
    }

    private static string NumberOf(ValueKind kind, string name) => kind switch
    {
        ValueKind.Array => $"element({name}, 1)",
        ValueKind.Object => $"element({name}, 'FR')",
        _ => $"{name} == 'FR'",
    };

    private void Report(int index, string code, string message) =>
        Issues.Add(new DefinitionIssue(code, message, $"features[{index}]"));
}
