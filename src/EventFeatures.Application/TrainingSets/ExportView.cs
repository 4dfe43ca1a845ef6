using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.TrainingSets;

/// <summary>Writes a batch view as files that other tools read, a folder for each period of event time.</summary>
/// <param name="View">The view, <c>name@v1</c> or <c>name</c> for its newest version.</param>
public sealed record ExportView(string View) : IRequest<ViewExported>
{
    /// <summary>The last position whose rows are written; null: the log's end.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>The period of a folder. Default: a day.</summary>
    public ExportPeriod Period { get; init; } = ExportPeriod.Day;

    /// <summary>Folders that the caller has already, by their names.</summary>
    public IReadOnlyList<string> Have { get; init; } = [];
}

/// <summary>An export that can be read. Leaving the enumeration stops the work.</summary>
/// <param name="View">The view.</param>
/// <param name="KnownAt">The last position whose rows are written.</param>
/// <param name="Rows">How many rows there are in all, in folders that the caller has too.</param>
/// <param name="Columns">The columns of every file.</param>
/// <param name="Files">The files, one after the other; each is gone once the next is asked for.</param>
public sealed record ViewExported(
    CompiledView View, Position KnownAt, long Rows, IReadOnlyList<TrainingColumn> Columns, IAsyncEnumerable<ExportedFile> Files);

internal sealed class ExportViewValidator : AbstractValidator<ExportView>
{
    public ExportViewValidator()
    {
        RuleFor(command => command.View).NotEmpty().WithMessage("Name the view.");
        RuleFor(command => command.Period).IsInEnum().WithMessage("Rows are put into folders by day or by month.");
    }
}

internal sealed class ExportViewHandler(IRegistry registry, IBatchViews batch, IEventLog log, IViewExport export) : IRequestHandler<ExportView, ViewExported>
{
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromMinutes(2);

    public async Task<ViewExported> Handle(ExportView request, CancellationToken cancellationToken)
    {
        var registered = registry.Current;
        var view = ServiceCatalog.View(registered, request.View);
        var entity = registered.Entities[view.View.Entity];
        var knownAt = await KnownAtPosition.OfAsync(log, request.KnownAt, cancellationToken);
        var reference = new ViewReference(view.View.Name, view.View.Version);
        await batch.CaughtUpAsync([reference], knownAt, CatchUpMax, cancellationToken);
        var rows = await export.CountAsync(reference, knownAt, cancellationToken);
        return new ViewExported(
            view, knownAt, rows, export.ColumnsOf(view, entity),
            export.WriteAsync(view, entity, knownAt, request.Period, request.Have.ToHashSet(StringComparer.Ordinal), cancellationToken));
    }
}
