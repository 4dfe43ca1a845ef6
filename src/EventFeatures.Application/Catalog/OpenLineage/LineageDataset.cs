namespace EventFeatures.Application.Catalog.OpenLineage;

/// <summary>A data set as OpenLineage knows it: a name with columns, and what they are made of.</summary>
/// <param name="Name">Its name within the namespace.</param>
/// <param name="Schema">Its columns; empty where they are not known.</param>
internal sealed record LineageDataset(string Name, IReadOnlyList<DatasetField> Schema)
{
    /// <summary>What its columns are made of.</summary>
    public IReadOnlyList<ColumnOrigin> Origins { get; init; } = [];

    /// <summary>What names this version of it for ever, for example a digest; null where nothing does.</summary>
    public string? Version { get; init; }
}

/// <summary>A column.</summary>
internal sealed record DatasetField(string Name, string Type, string Description = "");

/// <summary>One column of another data set that a column is made of.</summary>
/// <param name="Field">The column.</param>
/// <param name="Dataset">The other data set's name.</param>
/// <param name="Column">Its column.</param>
/// <param name="Usage">In which way it is used.</param>
/// <param name="Text">The part of the definition that says so; empty where none does.</param>
internal sealed record ColumnOrigin(string Field, string Dataset, string Column, ColumnUsage Usage, string Text);

/// <summary>What makes data sets of others.</summary>
/// <param name="Name">Its name within the namespace.</param>
/// <param name="IsStreaming">Whether it goes on for ever, as a projection does.</param>
/// <param name="Type">What it is: VIEW, SERVICE, MODEL or TRAINING.</param>
internal sealed record LineageJob(string Name, bool IsStreaming, string Type);
