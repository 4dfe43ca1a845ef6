namespace EventFeatures.Application.TrainingSets;

/// <summary>How much a build of a training set holds in memory, whatever the number of rows; the rest is on disk meanwhile.</summary>
public sealed record TrainingSetOptions
{
    /// <summary>How many spine rows are in memory at most. Range: at least 1. Default: 100,000.</summary>
    public int RowsInMemoryMax { get; init; } = 100_000;

    /// <summary>How many feature values are in memory at most, at about ten bytes each where they are numbers. Range: at least 1. Default: 2,000,000.</summary>
    public int ValuesInMemoryMax { get; init; } = 2_000_000;

    /// <summary>
    /// How many spine rows one read of the batch view serves, which several threads do at once; one entity's rows are kept
    /// together up to ten times as many. Range: at least 1. Default: 10,000.
    /// </summary>
    public int PointsPerRead { get; init; } = 10_000;

    /// <summary>
    /// How many values the built-in trainer takes, its rows times its inputs, which it holds in memory at twelve bytes each.
    /// Range: at least 1. Default: 100,000,000.
    /// </summary>
    public int TrainerValuesMax { get; init; } = 100_000_000;
}
