using System.Runtime.CompilerServices;
using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets.Joining;
using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets;

/// <summary>
/// A spine of recorded predictions, in the order of the log: each with its own time and positions, so that the join gives
/// its very vector, and labelled by the last outcome that was reported by then.
/// </summary>
internal static class PredictionSpine
{
    public static async IAsyncEnumerable<SpineRow> ReadAsync(
        IEventLog log, DossierReader read, string model, Position knownAt, string folder, TrainingSetOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var itemsMax = Math.Max(1, options.RowsInMemoryMax / 2);
        using var dossiers = new SpillSort<Entry>(folder, Entry.ByDossier, new Entry.Format(), itemsMax);
        var all = log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Dossiers.StreamPrefix), cancellation: cancellation);
        await foreach (var recorded in all)
        {
            if (recorded.Position > knownAt) break;
            if (Dossiers.IsPrediction(recorded))
            {
                if (read.Prediction(recorded) is { } made && made.Request.Model == model) dossiers.Add(new Entry(recorded.StreamId, recorded.Position, RowOf(made, recorded.Position), 0));
            }
            else if (recorded.Type == OutcomeRecorded.Type && read.Outcome(recorded) is { } outcome) dossiers.Add(new Entry(recorded.StreamId, recorded.Position, null, outcome.Value));
        }
        using var predictions = new SpillSort<Entry>(folder, Entry.ByPosition, new Entry.Format(), itemsMax);
        foreach (var labelled in Labelled(dossiers.InOrder())) predictions.Add(labelled);
        foreach (var entry in predictions.InOrder()) yield return entry.Row!;
    }

    /// <summary>Outcomes follow their prediction in its dossier; those of other models follow none.</summary>
    private static IEnumerable<Entry> Labelled(IEnumerable<Entry> dossiers)
    {
        Entry? prediction = null;
        foreach (var entry in dossiers)
        {
            if (entry.Row is null)
            {
                if (prediction?.Stream == entry.Stream) prediction = prediction with { Row = prediction.Row! with { Label = entry.Label } };
                continue;
            }
            if (prediction is not null) yield return prediction;
            prediction = entry;
        }
        if (prediction is not null) yield return prediction;
    }

    private static SpineRow RowOf(PredictionMade made, Position position) => new(made.Request.Entities, made.AsOf)
    {
        // A prediction that fell back before it read any view knew what was in the log when it was made.
        KnownAt = position,
        KnownAtByView = made.Views.ToDictionary(use => use.View, use => use.KnownAt),
        Context = made.Request.Context,
        Extra = new Dictionary<string, Value> { ["prediction_id"] = Value.Of(made.PredictionId) },
    };

    /// <summary>A prediction's row or, without a row, an outcome's label.</summary>
    private sealed record Entry(string Stream, Position Position, SpineRow? Row, double Label)
    {
        public static readonly IComparer<Entry> ByPosition = Comparer<Entry>.Create((left, right) => left.Position.CompareTo(right.Position));

        public static readonly IComparer<Entry> ByDossier = Comparer<Entry>.Create((left, right) =>
            string.CompareOrdinal(left.Stream, right.Stream) is var byStream and not 0 ? byStream : ByPosition.Compare(left, right));

        public sealed class Format : SpillFormat<Entry>
        {
            private readonly SpineRowFormat _rows = new();

            public override void Write(StateWriter writer, Entry item)
            {
                writer.WriteText(item.Stream);
                writer.WriteUnsigned(item.Position.Value);
                writer.WriteBits(BitConverter.DoubleToInt64Bits(item.Label));
                writer.WriteByte(item.Row is null ? (byte)0 : (byte)1);
                if (item.Row is { } row) _rows.Write(writer, row);
            }

            public override Entry Read(ref StateReader reader)
            {
                var (stream, position, label) = (reader.ReadText(), new Position(reader.ReadUnsigned()), BitConverter.Int64BitsToDouble(reader.ReadBits()));
                return new Entry(stream, position, reader.ReadFlag() ? _rows.Read(ref reader) : null, label);
            }
        }
    }
}
