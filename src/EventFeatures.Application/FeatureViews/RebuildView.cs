using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureViews;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureViews;

/// <summary>Builds a view again from the log's first event beside the one that serves, and says whether the two are equal.</summary>
/// <param name="View">The view, <c>name@v1</c> or <c>name</c> for the version that serves.</param>
public sealed record RebuildView(string View) : IRequest<ViewRebuilt>
{
    /// <summary>
    /// Whether to drop what serves and to build it in its place, without a comparison. Reads answer as far as it has
    /// come.
    /// </summary>
    public bool Replace { get; init; }

    /// <summary>Hears how far the copy is.</summary>
    public IProgress<ViewStatus>? Progress { get; init; }
}

/// <summary>What came of building a view again.</summary>
/// <param name="View">The view.</param>
/// <param name="Comparison">How the copy compares; null when the view itself was dropped and builds again.</param>
public sealed record ViewRebuilt(ViewReference View, RebuildComparison? Comparison);

internal sealed class RebuildViewValidator : AbstractValidator<RebuildView>
{
    public RebuildViewValidator() => RuleFor(rebuild => rebuild.View).NotEmpty().WithMessage("Name the feature view.");
}

internal sealed class RebuildViewHandler(IRegistry registry, IBatchViews batch) : IRequestHandler<RebuildView, ViewRebuilt>
{
    public async Task<ViewRebuilt> Handle(RebuildView request, CancellationToken cancellationToken)
    {
        var definition = ServiceCatalog.View(registry.Current, request.View).View;
        var view = new ViewReference(definition.Name, definition.Version);
        if (!request.Replace) return new ViewRebuilt(view, await batch.CompareRebuildAsync(view, request.Progress, cancellationToken));
        await batch.RebuildAsync(view, cancellationToken);
        return new ViewRebuilt(view, null);
    }
}
