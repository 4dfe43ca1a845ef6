using System.Runtime.CompilerServices;
using EventFeatures.Api.V1;
using EventFeatures.Server.Errors;
using Grpc.Core;
using SpineRow = EventFeatures.Core.TrainingSets.SpineRow;

namespace EventFeatures.Server.Api;

/// <summary>A call's request and then, part by part, the rows of its spine, read no faster than they are taken.</summary>
/// <typeparam name="TPart">What the caller sends.</typeparam>
internal sealed class SpineParts<TPart>(IAsyncStreamReader<TPart> parts, Func<TPart, SpineRows?> rowsOf)
{
    /// <summary>The first message.</summary>
    /// <exception cref="InvalidRequestException">There is none.</exception>
    public async Task<TPart> FirstAsync(CancellationToken cancellation) =>
        await parts.MoveNext(cancellation) ? parts.Current : throw SpineParts.RequestMissing();

    /// <summary>The rows of all other messages.</summary>
    /// <exception cref="InvalidRequestException">A message has no rows, or a row is wrong.</exception>
    public async IAsyncEnumerable<SpineRow> RowsAsync(Action<string, long, long> tell, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var count = 0L;
        while (await parts.MoveNext(cancellation))
        {
            var rows = rowsOf(parts.Current) ?? throw new InvalidRequestException("rows", "rows: The request was sent twice. Send it once and first, and then rows alone.");
            foreach (var row in rows.Rows)
            {
                yield return TrainingMessages.Row(row, row.Number > 0 ? $"spine:{row.Number}" : $"spine[{count}]");
                count++;
            }
            tell("read", count, 0);
        }
    }
}

/// <summary>What goes wrong with the parts of any call.</summary>
internal static class SpineParts
{
    public static InvalidRequestException RequestMissing() =>
        new("request", "request: The first message has to be the request, which says what to build of the rows that follow it.");
}
