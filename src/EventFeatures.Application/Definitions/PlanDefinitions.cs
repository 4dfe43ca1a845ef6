using EventFeatures.Core.Definitions;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Definitions;

/// <summary>Checks definition files as a whole, with what is registered, and says what applying them would change.</summary>
/// <remarks>Fails with <see cref="Core.Definitions.DefinitionInvalidException"/>, which lists every issue of every file.</remarks>
public sealed record PlanDefinitions(IReadOnlyList<DefinitionFile> Files) : IRequest<DefinitionPlan>;

internal sealed class PlanDefinitionsValidator : AbstractValidator<PlanDefinitions>
{
    public PlanDefinitionsValidator() => RuleFor(plan => plan.Files).SetValidator(new DefinitionFilesValidator());
}

internal sealed class DefinitionFilesValidator : AbstractValidator<IReadOnlyList<DefinitionFile>>
{
    private const int FilesMax = 10_000;

    public DefinitionFilesValidator()
    {
        RuleFor(files => files.Count).InclusiveBetween(1, FilesMax).OverridePropertyName("Count")
            .WithMessage($"Give between 1 and {FilesMax:N0} definition files; there are {{PropertyValue}}.");
        RuleForEach(files => files).Must(file => file is { Name.Length: > 0, Text: not null })
            .OverridePropertyName("Files").WithMessage("Every file needs a name, for errors, and a text.");
    }
}

internal sealed class PlanDefinitionsHandler(IRegistry registry) : IRequestHandler<PlanDefinitions, DefinitionPlan>
{
    public Task<DefinitionPlan> Handle(PlanDefinitions request, CancellationToken cancellationToken) =>
        Task.FromResult(DefinitionPlanner.Plan(request.Files, registry).Plan);
}
