using System.Threading.Channels;
using EventFeatures.Api.V1;
using EventFeatures.Application.TrainingSets.Consistency;
using EventFeatures.Core.Events;
using Grpc.Core;
using MediatR;
using ConsistencyStatus = EventFeatures.Application.TrainingSets.Consistency.Watching.ConsistencyStatus;
using ConsistencyStatusMessage = EventFeatures.Api.V1.ConsistencyStatus;
using ReportMessage = EventFeatures.Api.V1.ConsistencyReport;

namespace EventFeatures.Server.Api;

/// <summary>Compares, and tells of it while it lasts.</summary>
internal static class ConsistencyMessages
{
    public static async Task RunAsync(
        IMediator mediator, CheckConsistencyRequest request, IServerStreamWriter<CheckConsistencyResponse> responses, CancellationToken cancellation)
    {
        var query = new CheckConsistency(request.Service)
        {
            From = Fields.TimeOrNone(request.From, "from"),
            To = Fields.TimeOrNone(request.To, "to"),
        };
        // Only the newest is worth telling.
        var newest = Channel.CreateBounded<ConsistencyProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var working = WorkAsync();
        try
        {
            await foreach (var progress in newest.Reader.ReadAllAsync(cancellation))
                await responses.WriteAsync(new CheckConsistencyResponse { Progress = progress }, cancellation);
        }
        finally
        {
            await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await responses.WriteAsync(new CheckConsistencyResponse { Result = Of(await working) }, cancellation);

        async Task<Application.TrainingSets.Consistency.ConsistencyReport> WorkAsync()
        {
            try
            {
                return await mediator.Send(query with { Progress = (path, vectors) => newest.Writer.TryWrite(new ConsistencyProgress { Path = path, Vectors = vectors }) }, cancellation);
            }
            finally
            {
                newest.Writer.TryComplete();
            }
        }
    }

    public static ConsistencyStatusMessage ToMessage(this ConsistencyStatus status, Position? head) => new()
    {
        Worker = status.Worker ?? "",
        Position = status.Position.Value,
        Gap = head is { } newest && newest > status.Position ? newest.Value - status.Position.Value : 0,
        ServedVectors = status.Served.Vectors, ServedValues = status.Served.Values, ServedDiffering = status.Served.Differing,
        OnlineVectors = status.Online.Vectors, OnlineValues = status.Online.Values, OnlineDiffering = status.Online.Differing,
        WithoutFeatures = status.WithoutFeatures,
        NotComparable = status.NotComparable,
        Passes = status.Passes,
        PassEndedAt = status.PassEndedAt?.ToString() ?? "",
        Mismatches = { status.Mismatches.Select(one => new MismatchedFeature { Path = one.Path, Feature = one.Feature, Count = one.Count, Example = one.Example }) },
    };

    private static ReportMessage Of(Application.TrainingSets.Consistency.ConsistencyReport report) => new()
    {
        Served = Of(report.Served),
        Online = Of(report.Online),
        Mismatches = { report.Mismatches.Select(mismatch => new EventFeatures.Api.V1.FeatureMismatch { Path = mismatch.Path, Feature = mismatch.Feature, Count = mismatch.Count, Example = mismatch.Example }) },
        WithoutFeatures = report.WithoutFeatures,
        NotComparable = { report.NotComparable.ToDictionary() },
    };

    private static ConsistencyCounts Of(PathCounts counts) => new() { Vectors = counts.Vectors, Values = counts.Values, Differing = counts.Differing };
}
