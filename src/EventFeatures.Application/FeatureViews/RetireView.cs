using EventFeatures.Application.Definitions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureViews;

/// <summary>
/// Ends a version of a view: every server stops its projection and drops its rows and states, which follow from the log
/// and can be built again. Retiring a retired version changes nothing.
/// </summary>
/// <param name="View">The view's name.</param>
/// <param name="Version">The version.</param>
public sealed record RetireView(string View, int Version) : IRequest<ViewRetirement>
{
    /// <summary>Whether to have a retired version projected again instead, from the log's first event on.</summary>
    public bool Revive { get; init; }

    /// <summary>Who decides it.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>A version that was retired, or revived.</summary>
/// <param name="View">The version.</param>
/// <param name="Position">The consistency token; null when it was so before. The registry has seen it.</param>
public sealed record ViewRetirement(ViewReference View, Position? Position);

internal sealed class RetireViewValidator : AbstractValidator<RetireView>
{
    public RetireViewValidator()
    {
        RuleFor(command => command.View).NotEmpty().WithMessage("Name the feature view.");
        RuleFor(command => command.Version).GreaterThan(0).WithMessage("Name the version; versions count from 1.");
        RuleFor(command => command.By).NotEmpty().WithMessage("Say who decides it; it is recorded.");
    }
}

internal sealed class RetireViewHandler(IRegistry registry, IEventLog log) : IRequestHandler<RetireView, ViewRetirement>
{
    private static readonly TimeSpan SeenDeadline = TimeSpan.FromSeconds(15);

    public async Task<ViewRetirement> Handle(RetireView request, CancellationToken cancellationToken)
    {
        var current = registry.Current;
        var view = Find(current, request);
        if (current.RetiredViews.ContainsKey(view) != request.Revive) return new ViewRetirement(view, null);
        var digest = current.Views[view].View.Digest;
        var stream = DefinitionStreams.Of(DefinitionKind.FeatureView, request.View);
        var revision = current.StreamRevisions[stream];
        var metadata = new EventMetadata { CorrelationId = request.CorrelationId ?? Guid.NewGuid().ToString(), Producer = request.By };
        EventData decided;
        if (request.Revive)
        {
            CheckRuns(current, view);
            decided = new FeatureViewVersionRevived(view.Name, view.Version, digest, request.By, request.Why).ToEventData(revision, metadata);
        }
        else
        {
            CheckUnused(current, view);
            decided = new FeatureViewVersionRetired(view.Name, view.Version, digest, request.By, request.Why).ToEventData(revision, metadata);
        }
        var appended = await log.AppendToStreamAsync(stream, StreamState.StreamRevision(revision), [decided], cancellationToken);
        await registry.SeenAsync(appended.Position, SeenDeadline, cancellationToken);
        return new ViewRetirement(view, appended.Position);
    }

    private static ViewReference Find(RegistrySnapshot registered, RetireView request)
    {
        var view = new ViewReference(request.View, request.Version);
        if (registered.Views.ContainsKey(view)) return view;
        var versions = registered.Views.Keys.Where(known => known.Name == request.View).Select(known => known.Version).Order().ToList();
        throw versions.Count == 0
            ? Decision.Rejected("view-unknown", $"There is no feature view '{request.View}'.{Suggestion.For(request.View, registered.Views.Keys.Select(known => known.Name))}", "Name one that is registered.")
            : Decision.Rejected("view-version-unknown", $"The feature view '{request.View}' has no version {request.Version}; it has {string.Join(", ", versions)}.", "Name one of these.");
    }

    private static void CheckUnused(RegistrySnapshot registered, ViewReference view)
    {
        if (registered.ServedView(view.Name) == view)
            throw Decision.Rejected("view-serving", $"{view} serves whoever names the view '{view.Name}' alone.", "Switch to another version first (views switch), and retire it then.");
        if (RetiredViews.UsersOf(registered, view) is { Count: > 0 } users)
            throw Decision.Rejected(
                "view-in-use", $"{view} is read by {string.Join(" and ", users)}.",
                "Apply a newer version of the service that reads another version, have its models read that, and retire this one then.");
    }

    /// <summary>While it was retired its contracts may have changed in a way that it does not bear.</summary>
    private static void CheckRuns(RegistrySnapshot registered, ViewReference view)
    {
        foreach (var contract in registered.Views[view].Contracts)
            if (registered.Contracts[contract.Reference].Digest != contract.Digest)
                throw Decision.Rejected(
                    "dependent-view-breaks", $"{view} cannot run over the contract {contract.Reference} as it has become since.",
                    "Declare the view anew for the contract as it is, under a new version.");
    }
}
