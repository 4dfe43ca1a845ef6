using EventFeatures.Api.V1;
using EventFeatures.Core.Definitions;
using DefinitionChange = EventFeatures.Application.Definitions.DefinitionChange;
using DefinitionFile = EventFeatures.Application.Definitions.DefinitionFile;
using DefinitionFileMessage = EventFeatures.Api.V1.DefinitionFile;
using DefinitionIssue = EventFeatures.Core.Definitions.DefinitionIssue;
using IssueMessage = EventFeatures.Api.V1.DefinitionIssue;
using ModelVersion = EventFeatures.Core.Models.ModelVersion;
using ModelVersionMessage = EventFeatures.Api.V1.ModelVersion;

namespace EventFeatures.Server.Api;

internal static class DefinitionMessages
{
    public static IReadOnlyList<DefinitionFile> Files(IEnumerable<DefinitionFileMessage> files) =>
        [.. files.Select(file => new DefinitionFile(file.Path, file.Content))];

    public static EventFeatures.Api.V1.DefinitionChange Of(DefinitionChange change) => new()
    {
        Kind = change.Definition.Kind.ToString(),
        Name = change.Definition.Name,
        Version = change.Definition.Version,
        Action = change.Action.ToString().ToLowerInvariant(),
        Digest = change.Definition.Digest,
        PreviousDigest = change.Previous?.Digest ?? "",
        Differences = { change.Differences },
        File = change.File,
        Line = change.Line,
    };

    public static IssueMessage Of(DefinitionIssue issue) => new()
    {
        Code = issue.Code,
        Message = issue.Message,
        Path = issue.Path,
        File = issue.File,
        Line = issue.Line,
    };

    public static DefinitionSummary Of(Definition definition) => new()
    {
        Kind = definition.Kind.ToString(),
        Name = definition.Name,
        Version = definition.Version,
        Digest = definition.Digest,
        Owner = definition.Owner,
        Description = definition.Description,
    };

    public static ModelVersionMessage Of(ModelVersion version) => new()
    {
        Version = version.Version,
        Digest = version.Digest,
        Service = version.Service,
        ServiceDigest = version.ServiceDigest,
        TrainingSetDigest = version.TrainingSetDigest ?? "",
        Metrics = { version.Metrics.ToDictionary() },
        RegisteredBy = version.RegisteredBy,
        RegisteredAt = version.RegisteredAt.ToString(),
    };
}
