using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>
/// Reads the events of many dossiers, and counts those that cannot be read: any client of the log can append to a
/// dossier, and later versions write what this one does not know. One of them must not take all others' answers away.
/// </summary>
internal sealed class DossierReader
{
    /// <summary>What could not be read so far.</summary>
    public UnreadableDossiers Unreadable { get; private set; } = new(0, null);

    /// <summary>A prediction; null, and counted, where it cannot be read.</summary>
    public PredictionMade? Prediction(RecordedEvent recorded) => Read(recorded, PredictionJson.Read);

    /// <summary>An outcome; null, and counted, where it cannot be read.</summary>
    public OutcomeRecorded? Outcome(RecordedEvent recorded) => Read(recorded, OutcomeJson.Read);

    private T? Read<T>(RecordedEvent recorded, Func<ReadOnlyMemory<byte>, T> read)
        where T : class
    {
        try
        {
            return read(recorded.Data);
        }
        catch (JsonException)
        {
            Unreadable = new UnreadableDossiers(Unreadable.Count + 1, Unreadable.First ?? recorded.Position);
            return null;
        }
    }
}
