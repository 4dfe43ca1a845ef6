using System.Text.Json;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Models;

namespace EventFeatures.Application.Definitions;

/// <summary>A definition came into force. The stream's events are all versions of the name.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The name.</param>
/// <param name="Version">The version: <c>1.2.0</c> of a contract, else <c>2</c>.</param>
/// <param name="Digest">SHA-256 of the canonical JSON of <paramref name="Definition"/>.</param>
/// <param name="Definition">The definition, as canonical JSON.</param>
/// <param name="Pins">The versions, at the time of apply, of the names that the definition refers to without one.</param>
/// <param name="By">Who applied it.</param>
/// <param name="Why">Why.</param>
public sealed record DefinitionApplied(
    DefinitionKind Kind, string Name, string Version, string Digest, JsonElement Definition,
    IReadOnlyDictionary<string, int> Pins, string By, string Why)
{
    /// <summary>The event of a definition, as declared and as pinned.</summary>
    public static DefinitionApplied Of(Definition declared, Definition pinned, string by, string why)
    {
        using var canonical = JsonDocument.Parse(declared.CanonicalJson);
        return new DefinitionApplied(
            declared.Kind, declared.Name, DefinitionVersion.Text(declared), declared.Digest, canonical.RootElement.Clone(),
            PinsOf(declared, pinned), by, why);
    }

    /// <summary>The event to append. Its id follows from what it says, so that a retried apply is one event.</summary>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="lost">How often the same was appended before and did not come into force: each attempt is an event of its own.</param>
    public EventData ToEventData(EventMetadata metadata, int lost = 0) =>
        DefinitionJson.ToEventData(this, EventIds.Derive(["definition", Kind.ToString(), Name, Version, Digest, .. Attempt(lost)]), metadata);

    /// <summary>Reads the definition back, and checks it against its digest.</summary>
    /// <exception cref="DefinitionInvalidException">The definition cannot be read.</exception>
    /// <exception cref="JsonException">The definition is not what the digest or the name say.</exception>
    public Definition Read()
    {
        var definition = DefinitionReader.ReadCanonical(Definition.GetRawText());
        if (definition.Digest != Digest)
            throw new JsonException($"its definition has the digest {definition.Digest}, but the event says {Digest}");
        if ((definition.Kind, definition.Name, DefinitionVersion.Text(definition)) != (Kind, Name, Version))
            throw new JsonException($"its definition is {definition.Kind} {definition.Name} {DefinitionVersion.Text(definition)}, but the event says {Kind} {Name} {Version}");
        return definition;
    }

    /// <summary>What tells an attempt's event ids from those of earlier ones; nothing for the first.</summary>
    internal static string[] Attempt(int lost) => lost == 0 ? [] : [FormattableString.Invariant($"after {lost}")];

    private static IReadOnlyDictionary<string, int> PinsOf(Definition declared, Definition pinned)
    {
        if (declared is FeatureService service) return ServicePins.Of(service, (FeatureService)pinned);
        if (declared is not Model model || !DefinitionReference.TryParse(model.Service, out var name) || name.Version is not null)
            return new Dictionary<string, int>();
        DefinitionReference.TryParse(((Model)pinned).Service, out var exact);
        return new Dictionary<string, int> { [name.Name] = exact.Version!.Value };
    }
}
