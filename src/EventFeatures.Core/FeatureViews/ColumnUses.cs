using EventFeatures.Core.Entities;
using EventFeatures.Core.Expressions;

namespace EventFeatures.Core.FeatureViews;

/// <summary>In which way a feature's value rests on a field of its source.</summary>
public enum ColumnRole : byte
{
    /// <summary>Its values are what is aggregated.</summary>
    Of,

    /// <summary>It decides whether an event counts for the feature.</summary>
    Where,

    /// <summary>It decides whether an event is the view's at all.</summary>
    SourceWhere,

    /// <summary>Events are grouped by it.</summary>
    GroupBy,

    /// <summary>It decides where the window starts.</summary>
    Since,

    /// <summary>It orders the events and decides which are in the window.</summary>
    EventTime,

    /// <summary>It decides which entity an event is about.</summary>
    Key,
}

/// <summary>One field that a feature's value rests on, in one way.</summary>
/// <param name="Feature">The feature's name within the view.</param>
/// <param name="Contract">The contract, <c>name/1</c>.</param>
/// <param name="Field">The contract's field, or one of the envelope's, which start with <c>@</c>.</param>
/// <param name="Role">In which way.</param>
/// <param name="Text">The part of the definition that names it; empty where none does.</param>
public sealed record ColumnUse(string Feature, string Contract, string Field, ColumnRole Role, string Text);

/// <summary>Which fields of which contracts a view's features rest on, as its definition says.</summary>
public static class ColumnUses
{
    /// <summary>The event's type, which expressions name <c>event_type</c>.</summary>
    public const string EventType = "@event_type";

    /// <summary>What follows the category in the stream's name; the entity's key where the view names no key fields.</summary>
    public const string StreamKey = "@stream_key";

    /// <summary>The envelope's own time; the event time where the contract names no field for it.</summary>
    public const string Time = "@time";

    /// <summary>The fields that an event's envelope has beside its payload, for any contract.</summary>
    public static readonly IReadOnlyList<string> Envelope = [EventType, StreamKey, Time];

    /// <summary>Every use, feature by feature in the view's order; each field once for each way in which it is used.</summary>
    /// <param name="view">The view over its contracts.</param>
    /// <param name="entity">The entity that it describes.</param>
    public static IReadOnlyList<ColumnUse> Of(CompiledView view, Entity entity)
    {
        var sources = new SourceCompiler(view.View, view.Contracts.ToDictionary(contract => contract.Reference), entity);
        sources.Check();
        var uses = new List<ColumnUse>();
        foreach (var feature in view.View.Features)
        {
            foreach (var (text, role) in Expressions(feature))
                foreach (var name in FieldsOf(text, sources))
                    foreach (var source in sources.Parts)
                        if (FieldIn(source, name) is { } field) uses.Add(new ColumnUse(feature.Name, source.Contract.Reference, field, role, text));
            for (var i = 0; i < sources.Parts.Count; i++) uses.AddRange(OfSource(feature.Name, sources.Parts[i], view.View.Sources[i]));
        }
        return [.. uses.Distinct()];
    }

    private static IEnumerable<(string Text, ColumnRole Role)> Expressions(Feature feature)
    {
        if (feature.Of is { } of) yield return (of, ColumnRole.Of);
        if (feature.Where is { } where) yield return (where, ColumnRole.Where);
        if (feature.GroupBy is { } group) yield return (group, ColumnRole.GroupBy);
        if (feature.Window is Window.Since since) yield return (since.Condition, ColumnRole.Since);
    }

    /// <summary>What every feature rests on, since it decides which events of a source are its entity's, and when they were.</summary>
    private static IEnumerable<ColumnUse> OfSource(string feature, SourceParts source, ViewSource declared)
    {
        var contract = source.Contract.Reference;
        if (source.Where is { } where)
            foreach (var field in where.Fields)
                yield return new ColumnUse(feature, contract, source.Names.ContainsKey(field) ? field : EventType, ColumnRole.SourceWhere, declared.Where ?? "");
        if (source.Key is null) yield return new ColumnUse(feature, contract, StreamKey, ColumnRole.Key, "");
        else
            foreach (var part in source.Key) yield return new ColumnUse(feature, contract, part.Field, ColumnRole.Key, part.Name);
        yield return new ColumnUse(feature, contract, source.Contract.EventTimeField ?? Time, ColumnRole.EventTime, "");
    }

    private static IReadOnlyList<string> FieldsOf(string text, SourceCompiler sources) =>
        Expression.Compile(SourceFields.Quote(text, sources.Fields), sources.Fields).Fields;

    /// <summary>The contract's field that a name of the view stands for; null where the source has none.</summary>
    private static string? FieldIn(SourceParts source, string name) =>
        source.Names.FirstOrDefault(pair => pair.Value == name).Key ?? (name == SourceCompiler.EventTypeName ? EventType : null);
}
