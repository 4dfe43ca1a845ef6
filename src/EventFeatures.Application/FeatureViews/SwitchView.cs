using System.Globalization;
using EventFeatures.Application.Definitions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureViews;

/// <summary>Has another version of a view serve by the view's name. Switching to the one that serves changes nothing.</summary>
/// <param name="View">The view's name.</param>
/// <param name="Version">The version; null for the one that served before the last switch.</param>
public sealed record SwitchView(string View, int? Version) : IRequest<ViewSwitch>
{
    /// <summary>Who switches.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Whether to switch although the version has not caught up.</summary>
    public bool Force { get; init; }

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>A view's version that serves.</summary>
/// <param name="Served">The version.</param>
/// <param name="PreviousVersion">The version that served until now, or before, when nothing changed; null where there was none.</param>
/// <param name="Position">The consistency token; null when it served already. The registry has seen it.</param>
public sealed record ViewSwitch(ViewReference Served, int? PreviousVersion, Position? Position);

internal sealed class SwitchViewValidator : AbstractValidator<SwitchView>
{
    public SwitchViewValidator()
    {
        RuleFor(command => command.View).NotEmpty().WithMessage("Name the feature view.");
        RuleFor(command => command.Version).GreaterThan(0).WithMessage("Versions count from 1.");
        RuleFor(command => command.By).NotEmpty().WithMessage("Say who switches; it is recorded.");
    }
}

internal sealed class SwitchViewHandler(IRegistry registry, IOnlineViews online, IEventLog log) : IRequestHandler<SwitchView, ViewSwitch>
{
    private static readonly TimeSpan SeenDeadline = TimeSpan.FromSeconds(15);

    public async Task<ViewSwitch> Handle(SwitchView request, CancellationToken cancellationToken)
    {
        var current = registry.Current;
        var versions = current.ProjectedViews.Select(view => view.Key).Where(view => view.Name == request.View).Select(view => view.Version).Order().ToList();
        if (current.ServedView(request.View) is not { } serving)
            throw Decision.Rejected("view-unknown", $"There is no feature view '{request.View}'.", "Apply its definition first.");
        var previous = current.ServedViews.GetValueOrDefault(request.View)?.PreviousVersion;
        var version = request.Version ?? previous ?? throw Decision.Rejected(
            "view-not-switched", $"No other version of '{request.View}' served before {serving}.",
            $"Name one of its versions ({string.Join(", ", versions)}) in a switch.");
        RetiredViews.Refuse(current, serving with { Version = version });
        if (!versions.Contains(version))
            throw Decision.Rejected(
                "view-version-unknown", $"The feature view '{request.View}' has no version {version}; it has {string.Join(", ", versions)}.", "Apply it first, or switch to one of these.");
        if (version == serving.Version) return new ViewSwitch(serving, previous, null);

        var next = serving with { Version = version };
        if (!request.Force) CheckCaughtUp(next);
        var served = new FeatureViewVersionServed(request.View, version, current.Views[next].View.Digest, serving.Version, request.By, request.Why);
        var stream = DefinitionStreams.Of(DefinitionKind.FeatureView, request.View);
        var revision = current.StreamRevisions[stream];
        var metadata = new EventMetadata { CorrelationId = request.CorrelationId ?? Guid.NewGuid().ToString(), Producer = request.By };
        var appended = await log.AppendToStreamAsync(stream, StreamState.StreamRevision(revision), [served.ToEventData(revision, metadata)], cancellationToken);
        await registry.SeenAsync(appended.Position, SeenDeadline, cancellationToken);
        return new ViewSwitch(next, serving.Version, appended.Position);
    }

    private void CheckCaughtUp(ViewReference view)
    {
        if (online.StatusOf(view) is { State: "live" }) return;
        var status = online.StatusOf(view);
        var how = status switch
        {
            null => "it is not projected here yet",
            { Fault: { } fault } => $"it is stopped: {fault}",
            { Remaining: { } remaining } => string.Create(CultureInfo.InvariantCulture, $"{status.Progress:P0} of the log is behind it, about {remaining.TotalSeconds:0} s are left"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{status.Progress:P0} of the log is behind it"),
        };
        throw Decision.Rejected(
            "view-not-caught-up", $"{view} has not caught up with the log: {how}.",
            "Wait until its status is live (--wait does), or force the switch and serve what it has so far.");
    }
}
