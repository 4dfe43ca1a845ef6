using System.Text.Json;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.Predictions;

/// <summary>The streams <c>prediction-&lt;id&gt;</c>.</summary>
internal sealed class Dossiers(IEventLog log)
{
    /// <summary>The category's prefix.</summary>
    public const string StreamPrefix = "prediction-";

    /// <summary>Makes a prediction durable; fails with <see cref="WrongExpectedVersionException"/> when its dossier exists already.</summary>
    public async Task<Position> OpenAsync(PredictionMade made, CancellationToken cancellation)
    {
        var metadata = Provenance.Of(made.CorrelationId, made.RequestedBy) with { OccurredAt = made.AsOf };
        // A new event id for each attempt to predict, since an id that follows from the prediction's would make a
        // second attempt with other content look like a retry of the first.
        var data = new EventData(Guid.NewGuid(), PredictionMade.Type, PredictionJson.Write(made), metadata.ToJson());
        var appended = await log.AppendToStreamAsync(PredictionMade.StreamOf(made.PredictionId), StreamState.NoStream, [data], cancellation);
        return appended.Position;
    }

    /// <summary>What was decided; null when there is no such prediction.</summary>
    public async Task<PredictionEntry?> FindAsync(string predictionId, CancellationToken cancellation)
    {
        await foreach (var recorded in log.ReadStreamAsync(PredictionMade.StreamOf(predictionId), countMax: 1, cancellation: cancellation))
            if (recorded.Type == PredictionMade.Type) return ToEntry(recorded);
        return null;
    }

    /// <summary>What was decided.</summary>
    /// <exception cref="RefusedException">There is no such prediction.</exception>
    public async Task<PredictionEntry> GetAsync(string predictionId, CancellationToken cancellation) =>
        await FindAsync(predictionId, cancellation) ?? throw Unknown(predictionId);

    /// <summary>Everything in a dossier.</summary>
    /// <exception cref="RefusedException">There is no such prediction, or a part of the dossier cannot be read.</exception>
    public async Task<PredictionDossier> ReadAsync(string predictionId, CancellationToken cancellation)
    {
        PredictionEntry? made = null;
        var outcomes = new List<OutcomeEntry>();
        var replays = new List<ReplayEntry>();
        await foreach (var recorded in log.ReadStreamAsync(PredictionMade.StreamOf(predictionId), cancellation: cancellation))
        {
            switch (recorded.Type)
            {
                case PredictionMade.Type: made = ToEntry(recorded); break;
                case OutcomeRecorded.Type: outcomes.Add(new OutcomeEntry(Read(recorded, OutcomeJson.Read), recorded.Position, RecordedAt(recorded))); break;
                case ReplayVerdictJson.Type:
                    var (verdict, by) = Read(recorded, ReplayVerdictJson.Read);
                    replays.Add(new ReplayEntry(verdict, recorded.Position, recorded.Created, by));
                    break;
                // Kinds of later versions are theirs to read.
            }
        }
        return made is null ? throw Unknown(predictionId) : new PredictionDossier(made.Made, made.Position, made.RecordedAt, outcomes, replays);
    }

    /// <summary>Whether an event is a prediction in its own dossier; anybody may have written the type elsewhere.</summary>
    public static bool IsPrediction(RecordedEvent recorded) =>
        recorded.Type == PredictionMade.Type && recorded.StreamId.StartsWith(StreamPrefix, StringComparison.Ordinal);

    private static PredictionEntry ToEntry(RecordedEvent recorded) => new(Read(recorded, PredictionJson.Read), recorded.Position, recorded.Created);

    private static T Read<T>(RecordedEvent recorded, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(recorded.Data);
        }
        catch (JsonException unreadable)
        {
            throw Unreadable(recorded, unreadable);
        }
    }

    private static RefusedException Unreadable(RecordedEvent recorded, JsonException unreadable) => Decision.Rejected(
        "dossier-unreadable",
        $"The event {recorded.EventId} of type '{recorded.Type}' at position {recorded.Position}, revision {recorded.Revision} of '{recorded.StreamId}', cannot be read: {unreadable.Message}",
        "Ask the version of the software that wrote it, or find out who else appends to the log.", unreadable);

    /// <summary>When a fact became known here: what the importer states, else the log's time.</summary>
    public static Instant RecordedAt(RecordedEvent recorded)
    {
        var metadata = EventMetadata.FromJson(recorded.Metadata);
        return metadata is { Imported: true, RecordedAt: { } stated } ? stated : recorded.Created;
    }

    public static RefusedException Unknown(string predictionId) => Decision.Rejected(
        "prediction-unknown", $"There is no prediction '{predictionId}'.", "Check the id, or list the newest predictions.");
}
