using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Models;

namespace EventFeatures.Application.Models;

/// <summary>Finds what a command names, or refuses with what there is.</summary>
internal static class ModelFamily
{
    public static readonly TimeSpan SeenDeadline = TimeSpan.FromSeconds(15);

    /// <summary>One moment of the registry. What is decided on two is decided on none.</summary>
    /// <exception cref="RegistryStoppedException">What is registered is not known any more.</exception>
    public static RegistrySnapshot Current(IRegistry registry) =>
        registry.Fault is { } fault ? throw new RegistryStoppedException(fault) : registry.Current;

    public static ModelEntry Find(RegistrySnapshot registered, string model)
    {
        var models = registered.Models;
        return models.TryGetValue(model, out var entry) ? entry : throw Decision.Rejected(
            "model-unknown",
            $"There is no model '{model}'.{Suggestion.For(model, models.Keys)}",
            "Declare it in a file with kind: Model, and apply that.");
    }

    public static FeatureService Service(RegistrySnapshot registry, string reference) =>
        registry.Services.TryGetValue(reference, out var service) ? service : throw Decision.Rejected(
            "service-unknown", $"There is no feature service '{reference}'.{Suggestion.For(reference, registry.Services.Keys)}", "Apply its definition first.");
}
