using System.Globalization;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>Derives predictions again from the log alone, scores them with the same bytes, and compares bits.</summary>
internal sealed class Replayer(RegistrySnapshot registered, EntityHistories histories, IScorer scorer)
{
    private readonly RecordedService _services = new(registered);

    /// <summary>Whether there are views of which an entity's streams are not known by its key.</summary>
    public bool NeedsPasses { get; } = registered.Views.Values.Any(view => !view.IsKeyedByStream);

    /// <summary>The entities of such views that a prediction rests on, and the position that it knew of each.</summary>
    public IReadOnlyList<(EntityInView Entity, Position KnownAt)> ScatteredEntities(PredictionMade made)
    {
        if (made.Views.Count == 0) return [];
        try
        {
            return [.. from view in _services.Find(made).Views
                       where !view.View.IsKeyedByStream
                       let use = made.Views.First(use => use.View == view.Reference)
                       select (new EntityInView(view.View, use.EntityKey), use.KnownAt)];
        }
        catch (Exception gone) when (gone is RefusedException or DefinitionInvalidException)
        {
            // Its replay will say so.
            return [];
        }
    }

    /// <summary>Replays one prediction. What is gone or differs is the answer, never an exception.</summary>
    public async Task<ReplayVerdict> ReplayAsync(PredictionMade made, CancellationToken cancellation)
    {
        try
        {
            if (made.Route.IsFallback && made.Features.Count == 0)
                return new ReplayVerdict(made.PredictionId, ReplayResult.Reproduced, "fallback", $"The constant {Text(made.Score)} answered ({made.Route.Code}); no feature was read.");
            var derived = await DeriveAsync(made, cancellation);
            var differences = Compare(made, derived);
            if (differences.Count > 0) return Differs(made, derived, differences);
            return made.Route.IsFallback ? Fallback(made, derived) : await ScoreAsync(made, derived, cancellation);
        }
        catch (RefusedException gone)
        {
            return new ReplayVerdict(made.PredictionId, ReplayResult.Unreproducible, gone.Code, gone.Detail);
        }
        catch (DefinitionInvalidException invalid)
        {
            return new ReplayVerdict(made.PredictionId, ReplayResult.Unreproducible, "definition-invalid", invalid.Message);
        }
        catch (StreamDeletedException deleted)
        {
            return new ReplayVerdict(made.PredictionId, ReplayResult.Unreproducible, "history-deleted", $"The entity's stream '{deleted.Stream}' was deleted for ever.");
        }
        catch (ModelInvalidException invalid)
        {
            return new ReplayVerdict(made.PredictionId, ReplayResult.Unreproducible, "model-unavailable", invalid.Message);
        }
    }

    private async Task<Derived> DeriveAsync(PredictionMade made, CancellationToken cancellation)
    {
        var service = _services.Find(made);
        var readings = new IReadOnlyList<FeatureValue>[service.Views.Count];
        var views = new (EntityHistory History, ViewUse Use)[service.Views.Count];
        for (var i = 0; i < readings.Length; i++)
        {
            var use = made.Views.First(use => use.View == service.Views[i].Reference);
            var history = await histories.GetAsync(service.Views[i].View, use.EntityKey, cancellation);
            readings[i] = service.Views[i].View.Evaluate(history.KnownAt(use.KnownAt), made.AsOf);
            views[i] = (history, use);
        }
        var context = service.BindContext(made.Request.Context, (field, message) =>
            throw Decision.Rejected("context-invalid", $"The recorded context field '{field}' no longer fits: {message}", ""));
        return new Derived(service, service.Assemble(readings, context), views);
    }

    private static List<ReplayDifference> Compare(PredictionMade made, Derived derived)
    {
        var differences = new List<ReplayDifference>();
        if (made.Features.Count != derived.Vector.Values.Count)
            throw Decision.Rejected("dossier-inconsistent", $"The dossier holds {made.Features.Count} features, the service {derived.Vector.Values.Count}.", "");
        for (var i = 0; i < made.Features.Count; i++)
        {
            var (recorded, replayed) = (made.Features[i], derived.Vector.Values[i]);
            if (recorded == replayed) continue;
            differences.Add(new ReplayDifference(
                recorded.Name, Text(recorded), Text(replayed), UnitsInLastPlace.Between(recorded.Value, replayed.Value),
                Divergence.FirstEvent(derived.Service, i, derived.Views, made)));
        }
        return differences;
    }

    private static ReplayVerdict Differs(PredictionMade made, Derived derived, List<ReplayDifference> differences)
    {
        var truncated = derived.Views.Any(view => view.History.IsTruncated);
        return Verdict(
            made, derived,
            truncated ? ReplayResult.Unreproducible : ReplayResult.Diverged,
            truncated ? "retention" : "feature-differs",
            truncated ? "Events of a stream that may have held some of an entity's cannot be read any more: retention or a deletion took them." : $"{differences.Count} of {made.Features.Count} features differ.",
            differences);
    }

    private static ReplayVerdict Fallback(PredictionMade made, Derived derived) =>
        made.Route.Code == "feature-missing" && derived.Vector.FellBack.Count == 0
            ? Verdict(made, derived, ReplayResult.Diverged, "route-differs", "The fallback answered for a missing feature, but no feature is missing.", [])
            : Verdict(made, derived, ReplayResult.Reproduced, "fallback", $"All {made.Features.Count} features are the same; the constant {Text(made.Score)} answered ({made.Route.Code}).", []);

    private async Task<ReplayVerdict> ScoreAsync(PredictionMade made, Derived derived, CancellationToken cancellation)
    {
        if (made is not { Model: { } model, Output: { } recorded, Fingerprint: { } fingerprint })
            throw Decision.Rejected("dossier-inconsistent", "The dossier says that a model scored, but not which or what.", "");
        var input = derived.Vector.ToModelInput();
        using var ready = await scorer.LoadAsync(model.Digest, input.Length, cancellation);
        var output = ready.Score(input, cancellation);
        var distance = UnitsInLastPlace.Between(recorded, output);
        var equal = BitConverter.SingleToUInt32Bits(recorded) == BitConverter.SingleToUInt32Bits(output);
        List<ReplayDifference> differences = equal ? [] : [new ReplayDifference("output", Text(recorded), Text(output), distance, null)];
        if (ready.Fingerprint != fingerprint)
            return Verdict(made, derived, ReplayResult.NotComparable, "fingerprint-differs", $"The vector is the same, but the model ran under another runtime, whose score is {distance?.ToString(CultureInfo.InvariantCulture) ?? "no number of"} units in the last place away.", differences);
        if (!equal)
            return Verdict(made, derived, ReplayResult.Diverged, "output-differs", "The same vector, bytes and runtime gave another score.", differences);
        var reasons = Reasons.Of(ready, derived.Service.InputNames, input, output, cancellation);
        return reasons.SequenceEqual(made.Reasons)
            ? Verdict(made, derived, ReplayResult.Reproduced, "reproduced", $"The same {input.Length} features and the same score {Text(output)}, bit for bit.", [])
            : Verdict(made, derived, ReplayResult.Diverged, "reasons-differ", "The score is the same, but its reason codes are not.",
                [new ReplayDifference("reasons", string.Join(", ", made.Reasons), string.Join(", ", reasons), null, null)]);
    }

    private static ReplayVerdict Verdict(
        PredictionMade made, Derived derived, ReplayResult result, string code, string detail, IReadOnlyList<ReplayDifference> differences) =>
        new(made.PredictionId, result, code, detail)
        {
            Differences = differences,
            EventsFolded = derived.Views.Sum(view => (long)view.History.CountKnownAt(view.Use.KnownAt)),
        };

    private static string Text(ServiceValue value) =>
        $"{value.Value} {FeatureValue.Name(value.Status)}{(value.Defaulted ? " default" : "")}{(value.OccurredAt is { } at ? $" of {at}" : "")}";

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(float number) => number.ToString("R", CultureInfo.InvariantCulture);

    private sealed record Derived(CompiledService Service, ServiceVector Vector, IReadOnlyList<(EntityHistory History, ViewUse Use)> Views);
}
