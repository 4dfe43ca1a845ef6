using EventFeatures.Core.Contracts;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>Finds the very definitions that a prediction was made with, by their digests.</summary>
internal sealed class RecordedService(RegistrySnapshot registered)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, CompiledService> _compiled = new(StringComparer.Ordinal);

    /// <summary>The service over the recorded versions of its views.</summary>
    /// <exception cref="RefusedException">A definition is gone or is another one; the code says which.</exception>
    public CompiledService Find(PredictionMade made)
    {
        var key = $"{made.ServiceDigest} {string.Join(' ', made.Views.Select(use => $"{use.View} {use.Digest} {use.ContractDigest}"))}";
        return _compiled.GetOrAdd(key, _ => Compile(made));
    }

    private CompiledService Compile(PredictionMade made)
    {
        if (!registered.Services.TryGetValue(made.Service, out var service))
            throw Gone("service-missing", $"The feature service {made.Service} is not registered.");
        if (service.Digest != made.ServiceDigest)
            throw Gone("service-changed", $"The feature service {made.Service} has the digest {service.Digest}, not {made.ServiceDigest}.");
        if (made.Views.DistinctBy(use => use.View).Count() < made.Views.Count)
            throw Decision.Rejected("dossier-inconsistent", $"The prediction {made.PredictionId} names a feature view twice.", "No server records that: see who else may append to the log.");
        var views = made.Views.ToDictionary(use => use.View, View);
        var pinned = service with
        {
            Features = [.. service.Features.Select(feature => feature is { View: { } name, ViewVersion: null }
                ? feature with { ViewVersion = views.Keys.Where(view => view.Name == name).Select(view => (int?)view.Version).FirstOrDefault() }
                : feature)],
        };
        return CompiledService.Compile(pinned, views, registered.Entities);
    }

    private CompiledView View(ViewUse use)
    {
        if (!registered.Views.TryGetValue(use.View, out var view))
            throw Gone("view-missing", $"The feature view {use.View} is not registered.");
        if (view.View.Digest != use.Digest)
            throw Gone("view-changed", $"The feature view {use.View} has the digest {view.View.Digest}, not {use.Digest}.");
        if (view.ContractDigest == use.ContractDigest) return view;
        // A contract has a newer minor version by now, and the view was read through the older one.
        var digests = use.ContractDigest.Split('+');
        var contracts = new Dictionary<string, DataContract>();
        for (var i = 0; i < view.Contracts.Count; i++)
        {
            var reference = view.Contracts[i].Reference;
            contracts[reference] = Versions(reference).FirstOrDefault(contract => i < digests.Length && contract.Digest == digests[i])
                ?? throw Gone("contract-missing", $"The contract {reference} of digest {(i < digests.Length ? digests[i] : "unknown")} is not registered.");
        }
        return CompiledView.Compile(view.View, contracts, registered.Entities[view.View.Entity]);
    }

    private IEnumerable<DataContract> Versions(string reference) => registered.History.OfType<DataContract>()
        .Concat(BuiltInContracts.All).Where(contract => contract.Reference == reference);

    private static RefusedException Gone(string code, string detail) =>
        Decision.Rejected(code, detail, "Bring the definition's events back into the log, or compare with a log that holds them.");
}
