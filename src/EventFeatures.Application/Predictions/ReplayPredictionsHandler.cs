using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>Replays predictions in parallel and tells how it goes.</summary>
internal sealed class ReplayPredictionsHandler(IRegistry registry, IEventLog log, IScorer scorer, TimeProvider clock, PredictionOptions options)
    : IRequestHandler<ReplayPredictions, IAsyncEnumerable<ReplayUpdate>>
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(200);


    public Task<IAsyncEnumerable<ReplayUpdate>> Handle(ReplayPredictions request, CancellationToken cancellationToken) =>
        Task.FromResult(RunAsync(request, cancellationToken));

    private async IAsyncEnumerable<ReplayUpdate> RunAsync(ReplayPredictions request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Predictions made from here on are not part of this replay, so that it ends.
        var head = await log.ReadHeadAsync(cancellation) ?? Position.Start;
        var total = request.PredictionIds?.Count ?? await CountAsync(request.Model, head, cancellation);
        var verdicts = Channel.CreateBounded<ReplayVerdict>(256);
        var work = ReplayAllAsync(request, head, verdicts.Writer, stop.Token);
        try
        {
            var counts = new ReplayCounts(0, 0, 0, 0);
            var told = clock.GetTimestamp();
            await foreach (var verdict in verdicts.Reader.ReadAllAsync(cancellation))
            {
                counts = Add(counts, verdict.Result);
                var isNews = request.PredictionIds is not null || verdict.Result != ReplayResult.Reproduced;
                if (!isNews && clock.GetElapsedTime(told) < ProgressEvery) continue;
                told = clock.GetTimestamp();
                yield return new ReplayUpdate(counts, total, isNews ? verdict : null, Finished: false);
            }
            yield return new ReplayUpdate(counts, total, null, Finished: true);
        }
        finally
        {
            await stop.CancelAsync();
            await work;
        }
    }

    /// <summary>Never throws: what went wrong completes the channel, where the reader meets it.</summary>
    private async Task ReplayAllAsync(ReplayPredictions request, Position head, ChannelWriter<ReplayVerdict> verdicts, CancellationToken cancellation)
    {
        try
        {
            var histories = new EntityHistories(log, options.ReplayRowsMax);
            var replayer = new Replayer(registry.Current, histories, scorer);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = request.Parallelism ?? Environment.ProcessorCount, CancellationToken = cancellation };
            var record = request.Record ?? request.PredictionIds is not null;
            var asked = request.PredictionIds is { } ids ? await FindAsync(ids, cancellation) : null;
            var ranges = new ReplayRanges(
                (from, to) => asked is null ? AllAsync(from, to, request.Model, cancellation) : Between(asked, from, to), replayer, histories,
                predictions => Parallel.ForEachAsync(predictions, parallel, async (recorded, token) =>
                {
                    var verdict = await ReplayAsync(replayer, recorded, token);
                    if (record) await RecordAsync(verdict, request.By, token);
                    ApplicationTelemetry.Replays.Add(1, new KeyValuePair<string, object?>("result", ReplayVerdict.Name(verdict.Result)));
                    await verdicts.WriteAsync(verdict, token);
                }));
            await ranges.RunAsync(Position.Start, asked is null ? head : Position.End, cancellation);
            verdicts.Complete();
        }
        catch (Exception exception)
        {
            verdicts.Complete(exception);
        }
    }

    private static async Task<ReplayVerdict> ReplayAsync(Replayer replayer, RecordedEvent recorded, CancellationToken cancellation)
    {
        try
        {
            return await replayer.ReplayAsync(PredictionJson.Read(recorded.Data), cancellation);
        }
        catch (JsonException unreadable)
        {
            var id = recorded.StreamId[Dossiers.StreamPrefix.Length..];
            return new ReplayVerdict(id, ReplayResult.Unreproducible, "dossier-unreadable", unreadable.Message);
        }
    }

    /// <summary>The predictions of these ids, in the log's order.</summary>
    private async Task<IReadOnlyList<RecordedEvent>> FindAsync(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var found = new List<RecordedEvent>(ids.Count);
        foreach (var id in ids)
        {
            var count = found.Count;
            await foreach (var recorded in log.ReadStreamAsync(PredictionMade.StreamOf(id), countMax: 1, cancellation: cancellation))
                if (Dossiers.IsPrediction(recorded)) found.Add(recorded);
            if (found.Count == count) throw Dossiers.Unknown(id);
        }
        return [.. found.OrderBy(recorded => recorded.Position)];
    }

    private static async IAsyncEnumerable<RecordedEvent> Between(IReadOnlyList<RecordedEvent> predictions, Position from, Position to)
    {
        await Task.CompletedTask;
        foreach (var recorded in predictions)
            if (recorded.Position >= from && recorded.Position <= to) yield return recorded;
    }

    private async IAsyncEnumerable<RecordedEvent> AllAsync(
        Position from, Position to, string? model, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var all = log.ReadAllAsync(ReadDirection.Forwards, from, EventFilter.ByTypePrefix(PredictionMade.Type), cancellation: cancellation);
        await foreach (var recorded in all)
        {
            if (recorded.Position > to) yield break;
            if (Dossiers.IsPrediction(recorded) && (model is null || IsOf(model, recorded))) yield return recorded;
        }
    }

    private async Task<long> CountAsync(string? model, Position head, CancellationToken cancellation)
    {
        var count = 0L;
        await foreach (var _ in AllAsync(Position.Start, head, model, cancellation)) count++;
        return count;
    }

    private static bool IsOf(string model, RecordedEvent recorded)
    {
        try
        {
            return PredictionJson.Read(recorded.Data).Request.Model == model;
        }
        catch (JsonException)
        {
            // It counts, since it will be answered as unreadable.
            return true;
        }
    }

    private async Task RecordAsync(ReplayVerdict verdict, string? by, CancellationToken cancellation)
    {
        var metadata = Provenance.Of(null, by);
        var data = new EventData(Guid.NewGuid(), ReplayVerdictJson.Type, ReplayVerdictJson.Write(verdict, by, Software.Version), metadata.ToJson());
        await log.AppendToStreamAsync(PredictionMade.StreamOf(verdict.PredictionId), StreamState.StreamExists, [data], cancellation);
    }

    private static ReplayCounts Add(ReplayCounts counts, ReplayResult result) => result switch
    {
        ReplayResult.Reproduced => counts with { Reproduced = counts.Reproduced + 1 },
        ReplayResult.Diverged => counts with { Diverged = counts.Diverged + 1 },
        ReplayResult.Unreproducible => counts with { Unreproducible = counts.Unreproducible + 1 },
        ReplayResult.NotComparable => counts with { NotComparable = counts.NotComparable + 1 },
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
