using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureServices;

/// <summary>
/// A feature service made ready to run over its views. Serving, training and replay all assemble their vectors here,
/// which is why they give the same bits. Immutable and safe for any number of threads.
/// </summary>
public sealed class CompiledService
{
    private readonly IReadOnlyList<ServiceInput> _inputs;
    private readonly IReadOnlyList<int> _order;
    private readonly bool _readsInputs;

    private CompiledService(FeatureService service, IReadOnlyList<ServiceView> views, IReadOnlyList<ServiceInput> inputs, IReadOnlyList<int> order)
    {
        Service = service;
        Views = views;
        _inputs = inputs;
        _order = order;
        _readsInputs = inputs.Any(input => input is ServiceInput.OnDemand);
        Reference = service.Reference;
        InputNames = [.. service.Features.Select(feature => feature.Name)];
    }

    /// <summary>Checks a service against the registered views and makes it ready to run.</summary>
    /// <param name="service">The service. A view without a pinned version is read in its newest.</param>
    /// <param name="views">The views there are.</param>
    /// <param name="entities">The entities there are, by name.</param>
    /// <param name="forModel">Whether every input has to be something that a model can read as a number.</param>
    /// <exception cref="DefinitionInvalidException">The service cannot mean anything over these views; lists every reason.</exception>
    public static CompiledService Compile(
        FeatureService service, IReadOnlyDictionary<ViewReference, CompiledView> views, IReadOnlyDictionary<string, Entity> entities, bool forModel = true)
    {
        var compiler = new ServiceCompiler(service, views, entities, forModel);
        compiler.Run();
        if (compiler.Issues.Count > 0) throw new DefinitionInvalidException(compiler.Issues);
        return new CompiledService(service, compiler.Views, compiler.Inputs, compiler.Order);
    }

    /// <summary>The definition.</summary>
    public FeatureService Service { get; }

    /// <summary>The service by name and version, <c>name@v1</c>.</summary>
    public string Reference { get; }

    /// <summary>The views to read, in the order in which the service first names them.</summary>
    public IReadOnlyList<ServiceView> Views { get; }

    /// <summary>The inputs' names, in the model's order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>The kind of each input's values, in the model's order.</summary>
    public IReadOnlyList<ValueKind> InputKinds => [.. _inputs.Select(input => input.Kind)];

    /// <summary>Where an input comes from: an index into <see cref="Views"/> and a feature's index in that view; null for an on-demand feature.</summary>
    public (int View, int Feature)? SourceOf(int input) =>
        _inputs[input] is ServiceInput.FromView view ? (view.View, view.Feature) : null;

    /// <summary>The inputs and context fields that an on-demand feature reads; none for a view's feature.</summary>
    public IReadOnlyList<string> DependsOn(int input) =>
        _inputs[input] is ServiceInput.OnDemand onDemand ? onDemand.Expression.Fields : [];

    /// <summary>
    /// Reads what a caller sent as the context's declared fields, in their order. A field that is not there is null;
    /// one that is not declared, or of another type, is reported.
    /// </summary>
    /// <param name="given">The values by field name.</param>
    /// <param name="report">Hears the field's name and what is wrong.</param>
    public IReadOnlyList<Value> BindContext(IReadOnlyDictionary<string, Value> given, Action<string, string> report)
    {
        if (given.Count == 0) return new Value[Service.Context.Count];
        foreach (var name in given.Keys.Order(StringComparer.Ordinal))
            if (!Service.Context.Any(field => field.Name == name))
                report(name, $"The service {Service.Reference} has no context field '{name}'. It has {(Service.Context.Count == 0 ? "none" : string.Join(", ", Service.Context.Select(field => field.Name)))}.");
        var bound = new Value[Service.Context.Count];
        for (var i = 0; i < bound.Length; i++)
        {
            var field = Service.Context[i];
            if (!given.TryGetValue(field.Name, out var value)) continue;
            if (ValueConversion.To(field.Type, value) is { } converted) bound[i] = converted;
            else report(field.Name, $"The value {value} of type {value.Kind} is not of the declared type {field.Type}.");
        }
        return bound;
    }

    /// <summary>
    /// Puts the inputs together. An on-demand feature sees what the model sees of other inputs: a default where one
    /// stands in. One that overflows is null.
    /// </summary>
    /// <param name="readings">The features of each of <see cref="Views"/>, in the order of the view's features.</param>
    /// <param name="context">What <see cref="BindContext"/> made of the request.</param>
    public ServiceVector Assemble(IReadOnlyList<IReadOnlyList<FeatureValue>> readings, IReadOnlyList<Value> context)
    {
        var values = new ServiceValue[_inputs.Count];
        // Only what is computed on demand looks at other inputs.
        var seen = _readsInputs ? new Value[_inputs.Count] : null;
        List<string>? refused = null;
        List<string>? fellBack = null;
        foreach (var index in _order)
        {
            var read = Read(index, readings, context, seen, out var value, out var missing);
            var feature = Service.Features[index];
            if (missing && feature.OnMissing == MissingPolicy.Refuse) (refused ??= []).Add(feature.Name);
            if (missing && feature.OnMissing == MissingPolicy.Fallback) (fellBack ??= []).Add(feature.Name);
            values[index] = new ServiceValue(feature.Name, value, read.Status, read.OccurredAt, missing && feature.OnMissing == MissingPolicy.Default);
        }
        return new ServiceVector(values, refused ?? [], fellBack ?? []);
    }

    /// <summary>The values alone of what <see cref="Assemble"/> gives, for very many vectors.</summary>
    /// <param name="readings">As there.</param>
    /// <param name="context">As there.</param>
    /// <param name="values">Takes what the model sees, in its order.</param>
    public void AssembleValues(IReadOnlyList<IReadOnlyList<FeatureValue>> readings, IReadOnlyList<Value> context, Value[] values)
    {
        foreach (var index in _order) Read(index, readings, context, values, out values[index], out _);
    }

    /// <summary>Reads or computes an input.</summary>
    /// <param name="index">Which.</param>
    /// <param name="readings">As for <see cref="Assemble"/>.</param>
    /// <param name="context">As for <see cref="Assemble"/>.</param>
    /// <param name="seen">Takes <paramref name="value"/> for the inputs that look at it; null where none does.</param>
    /// <param name="value">What the model sees.</param>
    /// <param name="missing">Whether there is no value but perhaps a default.</param>
    private FeatureValue Read(
        int index, IReadOnlyList<IReadOnlyList<FeatureValue>> readings, IReadOnlyList<Value> context, Value[]? seen, out Value value, out bool missing)
    {
        var read = _inputs[index] switch
        {
            ServiceInput.FromView view => readings[view.View][view.Feature],
            ServiceInput.OnDemand onDemand => Compute(onDemand, seen!, context),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        missing = read.Status != FeatureStatus.Present || read.Value.IsNull;
        value = !missing ? read.Value : Service.Features[index].OnMissing == MissingPolicy.Default ? _inputs[index].Default : Value.Null;
        if (seen is not null) seen[index] = value;
        return read;
    }

    private static FeatureValue Compute(ServiceInput.OnDemand input, Value[] seen, IReadOnlyList<Value> context)
    {
        var operands = new Value[input.Operands.Count];
        for (var i = 0; i < operands.Length; i++)
        {
            var operand = input.Operands[i];
            operands[i] = operand.IsContext ? context[operand.Index] : seen[operand.Index];
        }
        try
        {
            var value = input.Expression.Evaluate(operands);
            return new FeatureValue(value, value.IsNull ? FeatureStatus.Null : FeatureStatus.Present, null);
        }
        catch (ExpressionOverflowException)
        {
            return new FeatureValue(Value.Null, FeatureStatus.Null, null);
        }
    }
}

/// <summary>A view that a service reads, and whose key it needs.</summary>
public sealed record ServiceView(ViewReference Reference, CompiledView View, Entity Entity);

/// <summary>Where one input comes from.</summary>
internal abstract record ServiceInput(ValueShape Shape, Value Default)
{
    public ValueKind Kind => Shape.Kind;

    public sealed record FromView(ValueShape Shape, Value Default, int View, int Feature) : ServiceInput(Shape, Default);

    public sealed record OnDemand(ValueShape Shape, Value Default, CompiledExpression Expression, IReadOnlyList<Operand> Operands) : ServiceInput(Shape, Default);
}

/// <summary>What an expression reads: a context field or another input.</summary>
internal readonly record struct Operand(bool IsContext, int Index);
