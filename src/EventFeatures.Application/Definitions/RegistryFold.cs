using System.Text.Json;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Models;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;

namespace EventFeatures.Application.Definitions;

/// <summary>What one event of a definition stream does to the registry. A function of both alone.</summary>
public static class RegistryFold
{
    /// <summary>The registry after an event.</summary>
    /// <remarks>A definition that conflicts with what came before it is kept as not in force.</remarks>
    /// <exception cref="RegistryStoppedException">The event cannot be read or cannot be; the message names its position.</exception>
    public static RegistrySnapshot Apply(RegistrySnapshot registry, RecordedEvent recorded)
    {
        try
        {
            var next = recorded.Type switch
            {
                nameof(DefinitionApplied) => With(registry, DefinitionJson.Read<DefinitionApplied>(recorded), recorded),
                nameof(ModelRegistered) => With(registry, DefinitionJson.Read<ModelRegistered>(recorded), recorded),
                nameof(FeatureViewVersionServed) => With(registry, DefinitionJson.Read<FeatureViewVersionServed>(recorded)),
                nameof(FeatureViewVersionRetired) => With(registry, DefinitionJson.Read<FeatureViewVersionRetired>(recorded)),
                nameof(FeatureViewVersionRevived) => With(registry, DefinitionJson.Read<FeatureViewVersionRevived>(recorded)),
                nameof(FeatureViewSwitchPlanned) => With(registry, DefinitionJson.Read<FeatureViewSwitchPlanned>(recorded)),
                nameof(ChampionPromoted) => With(registry, DefinitionJson.Read<ChampionPromoted>(recorded)),
                _ => throw new JsonException($"its type '{recorded.Type}' is none of this version's"),
            };
            return next with
            {
                Position = recorded.Position,
                StreamRevisions = new Dictionary<string, long>(registry.StreamRevisions) { [recorded.StreamId] = recorded.Revision },
            };
        }
        catch (Exception exception) when (exception is JsonException or DefinitionInvalidException)
        {
            throw new RegistryStoppedException(
                $"The registry stopped at position {recorded.Position}: the event {recorded.EventId} of type '{recorded.Type}', revision {recorded.Revision} of '{recorded.StreamId}', cannot be read: {exception.Message}. Run the version of the software that wrote it, or verify the log.",
                exception);
        }
    }

    private static RegistrySnapshot With(RegistrySnapshot registry, DefinitionApplied applied, RecordedEvent recorded)
    {
        var definition = applied.Read();
        var issues = new List<DefinitionIssue>();
        var fold = new DefinitionFold(registry);
        if (fold.Add(definition, applied.Pins, issues.Add)) return fold.Current;
        // Whoever planned it could not know what came between; the log's order decides alike on every server.
        return WithLost(registry, recorded, applied.Digest, $"{applied.Kind} {applied.Name} {applied.Version}", issues);
    }

    private static RegistrySnapshot WithLost(RegistrySnapshot registry, RecordedEvent recorded, string digest, string what, IReadOnlyList<DefinitionIssue> issues) =>
        registry with { NotInForce = [.. registry.NotInForce, new NotInForce(recorded.StreamId, digest, what, recorded.Position, issues)] };

    private static RegistrySnapshot With(RegistrySnapshot registry, ModelRegistered registered, RecordedEvent recorded)
    {
        var entry = Entry(registry, registered.Model);
        if (entry.Versions.FirstOrDefault(one => one.Version == registered.Version) is { } known)
            return WithLost(registry, recorded, registered.Digest, $"Model {registered.Model} version {registered.Version}",
                [new DefinitionIssue("version-taken", $"Version {known.Version} was registered before with the digest {known.Digest[..12]}. Register it again; it gets the next version.")]);
        if (registered.Version != entry.Versions.Count + 1)
            throw new JsonException($"it registers version {registered.Version} after version {entry.Versions.Count}");
        var version = new ModelVersion(
            registered.Version, registered.Digest, registered.Service, registered.ServiceDigest, registered.TrainingSetDigest,
            registered.Metrics, registered.By, recorded.Created);
        return With(registry, entry with { Versions = [.. entry.Versions, version] });
    }

    private static RegistrySnapshot With(RegistrySnapshot registry, ChampionPromoted promoted)
    {
        var entry = Entry(registry, promoted.Model);
        if (entry.Versions.All(version => version.Version != promoted.Version || version.Digest != promoted.Digest))
            throw new JsonException($"it promotes version {promoted.Version} with digest {promoted.Digest}, which was not registered");
        return With(registry, entry with { ChampionVersion = promoted.Version });
    }

    private static RegistrySnapshot With(RegistrySnapshot registry, FeatureViewVersionServed served)
    {
        ViewOf(registry, served.View, served.Version, served.Digest);
        return WithoutPlan(registry, served.View) with
        {
            ServedViews = new Dictionary<string, ServedVersion>(registry.ServedViews) { [served.View] = new(served.Version, served.PreviousVersion) },
        };
    }

    private static RegistrySnapshot With(RegistrySnapshot registry, FeatureViewVersionRetired retired)
    {
        var view = ViewOf(registry, retired.View, retired.Version, retired.Digest);
        var next = registry.PlannedSwitches.GetValueOrDefault(retired.View)?.Version == retired.Version ? WithoutPlan(registry, retired.View) : registry;
        return next with { RetiredViews = new Dictionary<ViewReference, RetiredVersion>(registry.RetiredViews) { [view] = new(retired.By, retired.Why) } };
    }

    private static RegistrySnapshot With(RegistrySnapshot registry, FeatureViewVersionRevived revived)
    {
        var view = ViewOf(registry, revived.View, revived.Version, revived.Digest);
        return registry with { RetiredViews = registry.RetiredViews.Where(one => one.Key != view).ToDictionary() };
    }

    private static RegistrySnapshot With(RegistrySnapshot registry, FeatureViewSwitchPlanned planned)
    {
        // It was appended together with the definition, which lost.
        var version = registry.Views.GetValueOrDefault(new ViewReference(planned.View, planned.Version));
        if (version?.View.Digest != planned.Digest && registry.Lost(DefinitionStreams.Of(DefinitionKind.FeatureView, planned.View), planned.Digest).Any())
            return registry;
        ViewOf(registry, planned.View, planned.Version, planned.Digest);
        return registry with
        {
            PlannedSwitches = new Dictionary<string, PlannedSwitch>(registry.PlannedSwitches) { [planned.View] = new(planned.Version, planned.By, planned.Why) },
        };
    }

    private static ViewReference ViewOf(RegistrySnapshot registry, string name, int version, string digest)
    {
        var reference = new ViewReference(name, version);
        return registry.Views.TryGetValue(reference, out var view) && view.View.Digest == digest ? reference
            : throw new JsonException($"it is about version {version} of the view '{name}' with digest {digest}, which was not applied");
    }

    // Whatever serves from now on was decided after the plan.
    private static RegistrySnapshot WithoutPlan(RegistrySnapshot registry, string view) => registry.PlannedSwitches.ContainsKey(view)
        ? registry with { PlannedSwitches = registry.PlannedSwitches.Where(planned => planned.Key != view).ToDictionary() }
        : registry;

    private static ModelEntry Entry(RegistrySnapshot registry, string model) =>
        registry.Models.TryGetValue(model, out var entry) ? entry : throw new JsonException($"the model '{model}' is not declared");

    private static RegistrySnapshot With(RegistrySnapshot registry, ModelEntry entry) =>
        registry with { Models = new Dictionary<string, ModelEntry>(registry.Models) { [entry.Definition.Name] = entry } };
}
