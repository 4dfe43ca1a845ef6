using EventFeatures.Api.V1;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Server.Errors;
using Grpc.Core;

namespace EventFeatures.Server.Api;

/// <summary>Answers what is declared, from one moment of the registry.</summary>
internal static class RegisteredDefinitions
{
    public static ListDefinitionsResponse List(RegistrySnapshot snapshot, string kind)
    {
        var only = kind.Length > 0 ? KindOf(kind) : (DefinitionKind?)null;
        return new ListDefinitionsResponse
        {
            Definitions = { snapshot.History.Where(definition => only is null || definition.Kind == only).Select(DefinitionMessages.Of) },
            Position = snapshot.Position.Value,
        };
    }

    /// <exception cref="RpcException">There is no such definition; the message lists what there is.</exception>
    public static DefinitionDetail Detail(RegistrySnapshot snapshot, GetDefinitionRequest request)
    {
        var kind = KindOf(request.Kind);
        var versions = snapshot.History.Concat(BuiltInContracts.All).Where(definition => definition.Kind == kind && definition.Name == request.Name).ToList();
        var definition = request.Version == 0 ? versions.LastOrDefault() : versions.LastOrDefault(version => version.Version == request.Version);
        if (definition is null) throw Missing(snapshot, kind, request, versions);
        var detail = new DefinitionDetail { Summary = DefinitionMessages.Of(definition), CanonicalJson = definition.CanonicalJson };
        if (kind == DefinitionKind.Model && snapshot.Models.TryGetValue(request.Name, out var model))
        {
            detail.ModelVersions.Add(model.Versions.Select(DefinitionMessages.Of));
            detail.ChampionVersion = model.ChampionVersion ?? 0;
        }
        return detail;
    }

    private static RpcException Missing(RegistrySnapshot snapshot, DefinitionKind kind, GetDefinitionRequest request, List<Definition> versions)
    {
        var there = versions.Count > 0
            ? $"It has the versions {string.Join(", ", versions.Select(version => version.Version))}."
            : $"Registered are: {Names(snapshot, kind)}.";
        var wanted = request.Version == 0 ? request.Name : $"{request.Name} version {request.Version}";
        return new ApiError(StatusCode.NotFound, "definition-unknown", $"There is no {kind} {wanted}. {there}").ToRpcException();
    }

    private static string Names(RegistrySnapshot snapshot, DefinitionKind kind)
    {
        var names = snapshot.History.Where(definition => definition.Kind == kind).Select(definition => definition.Name).Distinct().ToList();
        return names.Count > 0 ? string.Join(", ", names) : "none; apply definitions first";
    }

    private static DefinitionKind KindOf(string text) =>
        Enum.TryParse<DefinitionKind>(text, ignoreCase: true, out var kind) && Enum.IsDefined(kind) && !char.IsAsciiDigit(text[0])
            ? kind
            : throw new InvalidRequestException("kind", $"kind: '{text}' is none of {string.Join(", ", Enum.GetNames<DefinitionKind>())}.");
}
