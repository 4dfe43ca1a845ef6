using EventFeatures.Api.V1;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Events;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Server.Errors;
using Google.Protobuf;
using Grpc.Core;

namespace EventFeatures.Server.Api;

/// <summary>Sends an export to its caller: what it is, and then each file with its bytes, as fast as the caller reads.</summary>
internal static class ExportMessages
{
    private const int ChunkBytes = 256 * 1024;

    public static ExportView ToCommand(ExportViewRequest request) => new(request.View)
    {
        KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
        Have = request.Have,
        Period = request.PartitionBy switch
        {
            "" or "day" => ExportPeriod.Day,
            "month" => ExportPeriod.Month,
            var other => throw new InvalidRequestException("partition_by", $"partition_by: '{other}' is neither day nor month."),
        },
    };

    public static async Task SendAsync(ViewExported export, IServerStreamWriter<ExportViewReport> responses, CancellationToken cancellation)
    {
        await responses.WriteAsync(new ExportViewReport { Started = Started(export) }, cancellation);
        var bytes = new byte[ChunkBytes];
        await foreach (var exported in export.Files.WithCancellation(cancellation))
        {
            await using var file = new FileStream(exported.LocalPath, FileMode.Open, FileAccess.Read, FileShare.Read);
            var message = new ExportedFileStart { Path = exported.Path, Rows = exported.Rows, Digest = exported.Digest, Bytes = file.Length };
            await responses.WriteAsync(new ExportViewReport { File = message }, cancellation);
            while (await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation) is > 0 and var read)
                await responses.WriteAsync(new ExportViewReport { Chunk = ByteString.CopyFrom(bytes, 0, read) }, cancellation);
        }
    }

    private static ExportStarted Started(ViewExported export) => new()
    {
        View = export.View.View.Reference,
        ViewDigest = export.View.View.Digest,
        Contracts = { export.View.Contracts.Select(contract => contract.Reference) },
        ContractDigest = export.View.ContractDigest,
        KnownAt = export.KnownAt.Value,
        Rows = export.Rows,
        Columns = { export.Columns.Select(column => new ExportColumn { Name = column.Name, Type = column.Kind.ToString().ToLowerInvariant() }) },
    };
}
