using EventFeatures.Core.FeatureServices;
using EventFeatures.Server.Errors;

namespace EventFeatures.Server.Api;

/// <summary>Features asked for by full name: <c>view__feature</c>, or <c>view__feature@v2</c> to pin the view's version.</summary>
internal sealed class RequestedFeatures
{
    private const string Joint = "__";

    private readonly List<string> _names = [];

    private RequestedFeatures()
    {
    }

    /// <summary>The views to read, each once.</summary>
    public List<string> Views { get; } = [];

    public static RequestedFeatures Parse(IReadOnlyList<string> features)
    {
        var requested = new RequestedFeatures();
        for (var i = 0; i < features.Count; i++) requested.Add(features[i], $"features[{i}]");
        return requested;
    }

    /// <summary>Of what was read, the features that were asked for, in the order in which they were.</summary>
    public IReadOnlyList<ServiceValue> Pick(IReadOnlyList<ServiceValue> read)
    {
        var byName = read.ToDictionary(value => value.Name, StringComparer.Ordinal);
        return [.. _names.Select((name, index) => byName.TryGetValue(name, out var value)
            ? value
            : throw new InvalidRequestException($"features[{index}]", $"features[{index}]: there is no feature '{name}'. The views named here have {string.Join(", ", byName.Keys)}."))];
    }

    private void Add(string feature, string field)
    {
        var joint = feature.IndexOf(Joint, StringComparison.Ordinal);
        if (joint <= 0 || joint + Joint.Length == feature.Length)
            throw new InvalidRequestException(field, $"{field}: '{feature}' is not a feature's full name. Write it as view__feature, or view__feature@v2 to pin a version.");
        var at = feature.IndexOf('@', joint);
        var view = feature[..joint] + (at < 0 ? "" : feature[at..]);
        _names.Add(at < 0 ? feature : feature[..at]);
        if (Views.Contains(view)) return;
        if (Views.Any(other => other.Split('@')[0] == view.Split('@')[0]))
            throw new InvalidRequestException(field, $"{field}: '{feature}' asks for a second version of its view. Read each version with a request of its own.");
        Views.Add(view);
    }
}
