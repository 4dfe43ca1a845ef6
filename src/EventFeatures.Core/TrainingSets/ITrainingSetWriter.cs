using EventFeatures.Core.Values;

namespace EventFeatures.Core.TrainingSets;

/// <summary>Writes a training set's rows to a columnar file. The same rows give the same bytes.</summary>
public interface ITrainingSetWriter
{
    /// <summary>
    /// Writes all rows to <paramref name="path"/> (Parquet), replacing it only once complete, and returns the file's SHA-256.
    /// A row's values are taken before the next row is asked for, so that its list may be used again.
    /// </summary>
    Task<string> WriteAsync(
        string path, IReadOnlyList<TrainingColumn> columns, IAsyncEnumerable<IReadOnlyList<Value>> rows, CancellationToken cancellation = default);
}

/// <summary>One column of a training set.</summary>
public sealed record TrainingColumn(string Name, ValueKind Kind);
