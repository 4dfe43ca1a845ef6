using System.Collections.Concurrent;
using System.Diagnostics;
using EventFeatures.Api.V1;
using EventFeatures.Core.Statistics;
using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>
/// The second part of the stream, as production would live it: a sampled payment is asked about before it is
/// recorded, everything is recorded, and a chargeback becomes the outcome of its prediction. Cards are independent
/// of each other and run side by side; the events of one card keep their order.
/// </summary>
internal sealed class LivePayments(DemoRun run, string model, HashSet<string> sampled)
{
    private const int Workers = 32;

    private readonly ConcurrentDictionary<string, Asked> _asked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _disputed = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<double> _milliseconds = [];
    private readonly ConcurrentDictionary<Guid, byte> _seen = [];
    private long _quarantined;
    private long _fallbacks;
    private long _handled;
    private readonly ConcurrentDictionary<string, ulong> _tokens = new(StringComparer.Ordinal);
    private ulong _imported;

    private sealed record Asked(string PredictionId, double Score, Instant OccurredAt);

    /// <summary>What happened.</summary>
    public sealed record Result(
        long Predictions, long Fallbacks, long Quarantined, long Chargebacks, long Quiet, double MedianMilliseconds, double P99Milliseconds,
        double Seconds, string FirstPredictionId, Performance Measured, ulong Position);

    public async Task<Result> RunAsync(IReadOnlyList<SimulatedEvent> arrivals, ulong position)
    {
        _imported = position;
        var watch = Stopwatch.StartNew();
        using (var progress = run.Invocation.Progress("serve"))
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = run.Cancellation };
            // In slices of arrival, so that the log's order stays close to that in which things became known.
            foreach (var slice in arrivals.Chunk(Workers * 64))
                await Parallel.ForEachAsync(slice.GroupBy(arrival => arrival.Stream), options, async (card, _) =>
                {
                    foreach (var arrival in card)
                    {
                        await HandleAsync(arrival).ConfigureAwait(false);
                        progress.Report(Interlocked.Increment(ref _handled), arrivals.Count, $"{_asked.Count:N0} predictions");
                    }
                }).ConfigureAwait(false);
        }
        var seconds = watch.Elapsed.TotalSeconds;
        var quiet = await RecordQuietAsync(arrivals[^1].RecordedAt).ConfigureAwait(false);
        return Summarise(arrivals[^1].RecordedAt, quiet, seconds);
    }

    private async Task HandleAsync(SimulatedEvent arrival)
    {
        if (PaymentLabels.IsPayment(arrival) && _seen.TryAdd(arrival.EventId, 0)
            && ObservedPayment.Read(arrival) is var payment && sampled.Contains(payment.PaymentId))
            await AskAsync(payment).ConfigureAwait(false);

        var appended = await run.Api.Events.AppendAsync(EventImport.Request(arrival), run.Call).ConfigureAwait(false);
        _tokens.AddOrUpdate(arrival.Stream, appended.Position, (_, before) => Math.Max(before, appended.Position));
        Interlocked.Add(ref _quarantined, appended.Events.Count(stored => stored.Verdict == AppendVerdict.Quarantined));

        if (PaymentLabels.IsChargeback(arrival) && ObservedPayment.DisputedId(arrival) is var disputed && _asked.TryGetValue(disputed, out var asked))
        {
            _disputed[disputed] = true;
            await RecordAsync(asked, 1, arrival.OccurredAt, "chargebacks").ConfigureAwait(false);
        }
    }

    private async Task AskAsync(ObservedPayment payment)
    {
        var started = Stopwatch.GetTimestamp();
        // The card's own newest event is what the answer has to know of; waiting for all cards' would only be slower.
        var token = _tokens.GetValueOrDefault(payment.Stream, _imported);
        var prediction = await run.Api.Inference.PredictAsync(payment.ToRequest(model, token), run.Call).ConfigureAwait(false);
        _milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        if (prediction.Route == "fallback") Interlocked.Increment(ref _fallbacks);
        _asked[payment.PaymentId] = new Asked(prediction.PredictionId, prediction.Score, payment.OccurredAt);
    }

    // Silence is an outcome too, once a chargeback would have come.
    private async Task<long> RecordQuietAsync(Instant now)
    {
        var quiet = _asked.Where(asked => !_disputed.ContainsKey(asked.Key) && PaymentLabels.IsMature(asked.Value.OccurredAt, now)).Select(asked => asked.Value).ToList();
        using var progress = run.Invocation.Progress("outcomes");
        long done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = run.Cancellation };
        await Parallel.ForEachAsync(quiet, options, async (asked, _) =>
        {
            await RecordAsync(asked, 0, asked.OccurredAt + Arrivals.DisputeMax, "no chargeback").ConfigureAwait(false);
            progress.Report(Interlocked.Increment(ref done), quiet.Count);
        }).ConfigureAwait(false);
        return quiet.Count;
    }

    private async Task RecordAsync(Asked asked, double label, Instant occurredAt, string source) =>
        await run.Api.Inference.RecordOutcomeAsync(
            new RecordOutcomeRequest { PredictionId = asked.PredictionId, Label = label, OccurredAt = occurredAt.ToString(), Source = source }, run.Call).ConfigureAwait(false);

    // Measured on mature payments alone: among younger ones only the disputed are known, which would flatter nobody fairly.
    private Result Summarise(Instant now, long quiet, double seconds)
    {
        var scored = _asked.Where(asked => PaymentLabels.IsMature(asked.Value.OccurredAt, now)).OrderBy(asked => asked.Key, StringComparer.Ordinal)
            .Select(asked => new ScoredOutcome(asked.Value.Score, _disputed.ContainsKey(asked.Key))).ToList();
        var latencies = _milliseconds.Order().ToList();
        double Quantile(double share) => latencies.Count == 0 ? 0 : latencies[Math.Min(latencies.Count - 1, (int)(share * latencies.Count))];
        var first = _asked.OrderByDescending(asked => asked.Value.Score).ThenBy(asked => asked.Key, StringComparer.Ordinal).FirstOrDefault().Value;
        return new Result(
            _asked.Count, _fallbacks, _quarantined, _disputed.Count, quiet, Quantile(0.5), Quantile(0.99), seconds,
            first?.PredictionId ?? "", Performance.Of(scored), _tokens.Values.Append(_imported).Max());
    }
}
