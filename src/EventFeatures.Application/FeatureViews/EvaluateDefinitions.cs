using EventFeatures.Application.Definitions;
using EventFeatures.Core.Definitions;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureViews;

/// <summary>
/// Computes features over files, with no server and no database: a team's way to test a definition before it
/// applies it. The file's order is the log's order. Writes one line a spine line, in the spine's order.
/// </summary>
/// <remarks>Give either <see cref="View"/> or <see cref="Service"/>.</remarks>
/// <param name="Definitions">The definition files.</param>
/// <param name="Events">Events, a JSON object a line.</param>
/// <param name="Spine">Entity keys and times, a JSON object a line.</param>
/// <param name="Output">Where the lines go.</param>
public sealed record EvaluateDefinitions(
    IReadOnlyList<DefinitionFile> Definitions, EvaluationInput Events, EvaluationInput Spine, TextWriter Output) : IRequest<Evaluation>
{
    /// <summary>A view, <c>name</c> or <c>name@v2</c>.</summary>
    public string? View { get; init; }

    /// <summary>A feature service, <c>name</c> or <c>name@v2</c>.</summary>
    public string? Service { get; init; }
}

/// <summary>A file of lines.</summary>
/// <param name="Name">Its name, for errors.</param>
/// <param name="Lines">Its text.</param>
public sealed record EvaluationInput(string Name, TextReader Lines);

/// <summary>What an evaluation did.</summary>
/// <param name="Rows">How many lines were written.</param>
/// <param name="Events">How many events were read.</param>
/// <param name="NotCounted">Events that the views did not admit, by line: quarantined, late and duplicate ones.</param>
public sealed record Evaluation(long Rows, long Events, IReadOnlyList<EventNotCounted> NotCounted);

/// <summary>An event that does not count.</summary>
/// <param name="Line">Its line in the file.</param>
/// <param name="Code">Why: a stable kebab-case code.</param>
/// <param name="Detail">The same for people.</param>
public sealed record EventNotCounted(int Line, string Code, string Detail);

/// <summary>A line of an input file that cannot be used.</summary>
public sealed class EvaluationInputException(string file, int line, string message) : Exception($"{file}:{line}: {message}")
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}

internal sealed class EvaluateDefinitionsValidator : AbstractValidator<EvaluateDefinitions>
{
    public EvaluateDefinitionsValidator()
    {
        RuleFor(evaluate => evaluate.Definitions).SetValidator(new DefinitionFilesValidator());
        RuleFor(evaluate => evaluate).Must(evaluate => string.IsNullOrEmpty(evaluate.View) != string.IsNullOrEmpty(evaluate.Service))
            .OverridePropertyName("View").WithMessage("Name either a view or a service, and not both.");
    }
}

internal sealed class EvaluateDefinitionsHandler : IRequestHandler<EvaluateDefinitions, Evaluation>
{
    public async Task<Evaluation> Handle(EvaluateDefinitions request, CancellationToken cancellationToken)
    {
        var registry = DeclaredDefinitions.Check(request.Definitions, RegistrySnapshot.Empty).Result;
        var target = string.IsNullOrEmpty(request.Service)
            ? EvaluationTarget.OfView(registry, request.View!)
            : EvaluationTarget.OfService(registry, request.Service);
        var log = await FileLog.ReadAsync(request.Events, cancellationToken);
        var history = new AdmittedHistory(registry, target.Views, log);
        var spine = new SpineReader(request.Spine, log.Count);
        var rows = 0L;
        while (await spine.NextAsync(cancellationToken) is { } line)
        {
            var readings = target.Views.Select((view, index) => view.View.Evaluate(history.Known(index, line), line.Time)).ToList();
            await request.Output.WriteLineAsync(line.With(target.Evaluate(readings, line)).AsMemory(), cancellationToken);
            rows++;
        }
        await request.Output.FlushAsync(cancellationToken);
        return new Evaluation(rows, log.Count, history.NotCounted);
    }
}
