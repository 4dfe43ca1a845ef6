using MediatR;

namespace EventFeatures.Application.Definitions;

/// <summary>Checks definition files as a whole, with what is registered, and says what applying them would change.</summary>
/// <remarks>Fails with <see cref="Core.Definitions.DefinitionInvalidException"/>, which lists every issue of every file.</remarks>
public sealed record PlanDefinitions(IReadOnlyList<DefinitionFile> Files) : IRequest<DefinitionPlan>;
