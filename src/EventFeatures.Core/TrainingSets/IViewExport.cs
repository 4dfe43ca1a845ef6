using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Core.TrainingSets;

/// <summary>Writes a batch view's rows as columnar files, folder by folder. The same rows give the same bytes.</summary>
public interface IViewExport
{
    /// <summary>How many rows a view holds up to a position. The view must have reached it.</summary>
    /// <exception cref="ViewUnavailableException">The view does not exist or has not come that far.</exception>
    Task<long> CountAsync(ViewReference view, Position knownAt, CancellationToken cancellation = default);

    /// <summary>The columns that every file has, in order.</summary>
    IReadOnlyList<TrainingColumn> ColumnsOf(CompiledView view, Entity entity);

    /// <summary>
    /// Writes the rows up to a position, in the order of their event times, into files of bounded length. A file is at
    /// <see cref="ExportedFile.LocalPath"/> until the next one is asked for.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="entity">Whom it describes.</param>
    /// <param name="knownAt">The last position whose rows are written.</param>
    /// <param name="period">By which period of their event times, in UTC, rows are put into folders.</param>
    /// <param name="except">Folders to leave out, by their names.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ViewUnavailableException">The view does not exist or has not come that far.</exception>
    IAsyncEnumerable<ExportedFile> WriteAsync(
        CompiledView view, Entity entity, Position knownAt, ExportPeriod period, IReadOnlySet<string> except, CancellationToken cancellation = default);
}

/// <summary>A period of event time, in UTC, whose rows share a folder.</summary>
public enum ExportPeriod
{
    /// <summary>Folders <c>occurred_date=2026-01-31</c>.</summary>
    Day,

    /// <summary>Folders <c>occurred_month=2026-01</c>.</summary>
    Month,
}

/// <summary>A file of an export.</summary>
/// <param name="Path">Its name within the export, for example <c>occurred_date=2026-01-31/part-0.parquet</c>.</param>
/// <param name="LocalPath">Where its bytes are for now.</param>
/// <param name="Rows">How many rows it holds.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
public sealed record ExportedFile(string Path, string LocalPath, long Rows, string Digest);
