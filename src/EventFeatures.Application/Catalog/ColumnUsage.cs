namespace EventFeatures.Application.Catalog;

/// <summary>In which way a column is used.</summary>
/// <param name="Name">Its name, as the definitions write it where they do: <c>of</c>, <c>where</c>, <c>group_by</c>, …</param>
/// <param name="Type">OpenLineage's type: <c>DIRECT</c> where the value is made of the column's values, <c>INDIRECT</c> where they decide which others it is made of.</param>
/// <param name="Subtype">OpenLineage's subtype of it.</param>
public sealed record ColumnUsage(string Name, string Type, string Subtype)
{
    private const string Direct = "DIRECT";
    private const string Indirect = "INDIRECT";

    /// <summary>Its values are aggregated.</summary>
    public static readonly ColumnUsage Of = new("of", Direct, "AGGREGATION");

    /// <summary>It decides whether an event counts for the feature.</summary>
    public static readonly ColumnUsage Where = new("where", Indirect, "FILTER");

    /// <summary>It decides whether an event is the view's.</summary>
    public static readonly ColumnUsage SourceWhere = new("source where", Indirect, "FILTER");

    /// <summary>The events are grouped by it.</summary>
    public static readonly ColumnUsage GroupBy = new("group_by", Indirect, "GROUP_BY");

    /// <summary>It decides which entity an event is about.</summary>
    public static readonly ColumnUsage Key = new("key", Indirect, "GROUP_BY");

    /// <summary>It decides where the window starts.</summary>
    public static readonly ColumnUsage Since = new("since", Indirect, "WINDOW");

    /// <summary>It decides which events the window holds, and in which order.</summary>
    public static readonly ColumnUsage EventTime = new("event time", Indirect, "WINDOW");

    /// <summary>It is the event time, and the value itself is made of it: a time that has passed, or a weight or rise by it.</summary>
    public static readonly ColumnUsage OfTimes = new("event time", Direct, "AGGREGATION");

    /// <summary>A service passes a view's feature on.</summary>
    public static readonly ColumnUsage Feature = new("feature", Direct, "IDENTITY");

    /// <summary>An on-demand expression reads it.</summary>
    public static readonly ColumnUsage OnDemand = new("expression", Direct, "TRANSFORMATION");

    /// <summary>It is one of a service's inputs.</summary>
    public static readonly ColumnUsage Input = new("input", Direct, "IDENTITY");

    /// <summary>A model scores it.</summary>
    public static readonly ColumnUsage Scored = new("scored", Direct, "TRANSFORMATION");

    /// <summary>It is what a model answers.</summary>
    public static readonly ColumnUsage Answer = new("answer", Direct, "TRANSFORMATION");

    /// <summary>An outcome repeats what its prediction said.</summary>
    public static readonly ColumnUsage Repeated = new("repeated", Direct, "IDENTITY");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
