using System.Text.Json;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.TrainingSets.Consistency;

/// <summary>Derives predictions' vectors from the batch views, each entity's history read once for all that are checked together.</summary>
internal sealed class ServedVectors(RegistrySnapshot registered, IBatchViews batch)
{
    private readonly RecordedService _services = new(registered);

    /// <summary>A prediction's dossier; null, and counted, where it cannot be read.</summary>
    public static PredictionMade? Read(RecordedEvent recorded, ConsistencyTally tally)
    {
        try
        {
            return PredictionJson.Read(recorded.Data);
        }
        catch (JsonException)
        {
            tally.NotComparable("dossier-unreadable");
            return null;
        }
    }

    /// <param name="together">The predictions.</param>
    /// <param name="head">A position at or after all of them: none can have known of more.</param>
    /// <param name="tally">Counts.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task CheckAsync(IReadOnlyList<PredictionMade> together, Position head, ConsistencyTally tally, CancellationToken cancellation)
    {
        var vectors = new List<Vector>();
        foreach (var made in together)
        {
            if (made.Features.Count == 0) tally.WithoutFeatures();
            else if (Open(made, head, tally) is { } vector) vectors.Add(vector);
        }
        var reads = from vector in vectors
                    from view in Enumerable.Range(0, vector.Service.Views.Count)
                    group (vector, view) by vector.Service.Views[view].Reference;
        foreach (var read in reads) await ReadAsync(read.Key, [.. read], cancellation);
        foreach (var vector in vectors) Compare(vector, tally);
    }

    private Vector? Open(PredictionMade made, Position head, ConsistencyTally tally)
    {
        try
        {
            var service = _services.Find(made);
            // The batch views hold nothing of a version that was retired; replay derives the vector from the log.
            foreach (var view in service.Views) RetiredViews.Refuse(registered, view.Reference);
            if (service.Views.All(view => made.Views.Any(use => use.View == view.Reference && use.KnownAt <= head))) return new Vector(made, service);
            tally.NotComparable("dossier-inconsistent");
        }
        catch (RefusedException gone)
        {
            tally.NotComparable(gone.Code);
        }
        catch (DefinitionInvalidException)
        {
            tally.NotComparable("definition-invalid");
        }
        return null;
    }

    private async Task ReadAsync(ViewReference view, IReadOnlyList<(Vector Vector, int View)> asked, CancellationToken cancellation)
    {
        var byEntity = asked.ToLookup(one => one.Vector.UseOf(one.View).EntityKey, StringComparer.Ordinal);
        var knownAt = asked.Max(one => one.Vector.UseOf(one.View).KnownAt);
        await foreach (var entity in batch.ReadEntitiesAsync(view, [.. byEntity.Select(one => one.Key)], knownAt, cancellation))
        {
            var rows = new KnownRows(entity.Rows);
            foreach (var (vector, index) in byEntity[entity.EntityKey])
                vector.Readings[index] = vector.Service.Views[index].View.Evaluate(rows.UpTo(vector.UseOf(index).KnownAt), vector.Made.AsOf);
        }
        foreach (var (vector, index) in asked) vector.Readings[index] ??= vector.Service.Views[index].View.Evaluate([], vector.Made.AsOf);
    }

    private static void Compare(Vector vector, ConsistencyTally tally)
    {
        var made = vector.Made;
        string? wrong = null;
        var context = vector.Service.BindContext(made.Request.Context, (field, message) => wrong ??= $"{field}: {message}");
        var derived = vector.Service.Assemble(vector.Readings!, context).Values;
        if (wrong is not null || derived.Count != made.Features.Count)
        {
            tally.NotComparable(wrong is null ? "dossier-inconsistent" : "context-invalid");
            return;
        }
        tally.Compared(ConsistencyTally.Served, derived.Count);
        for (var i = 0; i < derived.Count; i++)
            if (made.Features[i] != derived[i])
                tally.Differs(ConsistencyTally.Served, made.Features[i].Name, $"prediction {made.PredictionId} as of {made.AsOf} was served {Text(made.Features[i])}, but the batch path gives {Text(derived[i])}");
    }

    private static string Text(ServiceValue value) =>
        $"{value.Value} {FeatureValue.Name(value.Status)}{(value.Defaulted ? " default" : "")}{(value.OccurredAt is { } at ? $" of {at}" : "")}";

    /// <summary>A prediction with what its views give by the batch path.</summary>
    private sealed class Vector(PredictionMade made, CompiledService service)
    {
        public PredictionMade Made => made;

        public CompiledService Service => service;

        public IReadOnlyList<FeatureValue>?[] Readings { get; } = new IReadOnlyList<FeatureValue>?[service.Views.Count];

        public ViewUse UseOf(int view) => made.Views.First(use => use.View == service.Views[view].Reference);
    }
}
