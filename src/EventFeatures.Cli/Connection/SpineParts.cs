using System.Runtime.CompilerServices;
using EventFeatures.Api.V1;

namespace EventFeatures.Cli.Connection;

/// <summary>Cuts a spine into messages, by rows and by size: what the server takes in one has a bound, and rows may be large.</summary>
internal static class SpineParts
{
    /// <summary>The most rows of a part.</summary>
    public const int RowsMax = 500;

    /// <summary>The size from which on a part is full, in bytes: 4 MiB. Its last row may take it beyond.</summary>
    public const int BytesFull = 4 * 1024 * 1024;

    /// <summary>The parts, in order; none of them is empty.</summary>
    public static async IAsyncEnumerable<SpineRows> OfAsync(IAsyncEnumerable<SpineRow> rows, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (part, bytes) = (new SpineRows(), 0L);
        await foreach (var row in rows.WithCancellation(cancellation).ConfigureAwait(false))
        {
            part.Rows.Add(row);
            bytes += row.CalculateSize();
            if (part.Rows.Count < RowsMax && bytes < BytesFull) continue;
            yield return part;
            (part, bytes) = (new SpineRows(), 0);
        }
        if (part.Rows.Count > 0) yield return part;
    }
}
