using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Definitions;

/// <summary>Plans, and appends an event for each change. Applying the same files again changes nothing.</summary>
/// <remarks>
/// Fails with <see cref="Core.Definitions.DefinitionInvalidException"/> when the files cannot be applied, and with
/// <see cref="Core.Decisions.RefusedException"/> when somebody else applied meanwhile: what had been appended by then stays
/// in the log, and what conflicts with theirs is not in force.
/// </remarks>
public sealed record ApplyDefinitions(IReadOnlyList<DefinitionFile> Files) : IRequest<DefinitionsApplied>
{
    /// <summary>Who applies.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Only plan.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Whether each view's new version is to serve by the view's name as soon as it has caught up with the log. It is
    /// recorded beside the definition, and whichever server sees the version caught up switches to it.
    /// </summary>
    public bool SwitchWhenCaughtUp { get; init; }

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>What was applied.</summary>
/// <param name="Plan">What was planned and, unless it was a dry run, done.</param>
/// <param name="Position">The consistency token; null when nothing was appended. The registry has seen it.</param>
public sealed record DefinitionsApplied(DefinitionPlan Plan, Position? Position);

internal sealed class ApplyDefinitionsValidator : AbstractValidator<ApplyDefinitions>
{
    public ApplyDefinitionsValidator()
    {
        RuleFor(apply => apply.Files).SetValidator(new DefinitionFilesValidator());
        RuleFor(apply => apply.By).NotEmpty().WithMessage("Say who applies; it is recorded.");
    }
}

internal sealed class ApplyDefinitionsHandler(IRegistry registry, IEventLog log) : IRequestHandler<ApplyDefinitions, DefinitionsApplied>
{
    private static readonly TimeSpan SeenDeadline = TimeSpan.FromSeconds(15);

    public async Task<DefinitionsApplied> Handle(ApplyDefinitions request, CancellationToken cancellationToken)
    {
        var (plan, registered, result) = DefinitionPlanner.Plan(request.Files, registry);
        var pending = plan.Pending.ToList();
        if (request.DryRun || pending.Count == 0) return new DefinitionsApplied(plan, null);

        var metadata = new EventMetadata { CorrelationId = request.CorrelationId ?? Guid.NewGuid().ToString(), Producer = request.By };
        var revisions = new Dictionary<string, StreamState>();
        Position? last = null;
        // In the order of dependence, so that whatever is applied is whole even if a later append fails.
        foreach (var (change, index) in pending.Select((change, index) => (change, index)))
        {
            var declared = change.Definition;
            var pinned = result.History.Single(one => one.Kind == declared.Kind && one.Digest == declared.Digest);
            var stream = DefinitionStreams.Of(declared.Kind, declared.Name);
            var lost = registered.Lost(stream, declared.Digest).Count();
            var applied = DefinitionApplied.Of(declared, pinned, request.By, request.Why).ToEventData(metadata, lost);
            var expected = revisions.GetValueOrDefault(stream, DefinitionStreams.Expected(registered, stream));
            // Of several new versions the first one says it for all.
            var serving = revisions.ContainsKey(stream) ? null : FeatureViewVersionServed.Before(declared, registered, request.By);
            var planned = request.SwitchWhenCaughtUp ? FeatureViewSwitchPlanned.Of(declared, registered, request.By, request.Why)?.ToEventData(metadata, lost) : null;
            List<EventData> events = [applied];
            if (serving is not null) events.Insert(0, serving.ToEventData(registered.StreamRevisions[stream], metadata));
            if (planned is not null) events.Add(planned);
            try
            {
                var appended = await log.AppendToStreamAsync(stream, expected, events, cancellationToken);
                revisions[stream] = StreamState.StreamRevision(appended.NextExpectedRevision);
                last = appended.Position;
            }
            catch (WrongExpectedVersionException conflict)
            {
                throw Conflict(change, pending.Take(index), conflict);
            }
        }
        await registry.SeenAsync(last!.Value, SeenDeadline, cancellationToken);
        CheckInForce(pending, registered, registry.Current);
        return new DefinitionsApplied(plan, last);
    }

    /// <summary>A stream's expected revision guards that stream alone: another's definition may have come between.</summary>
    private static void CheckInForce(IReadOnlyList<DefinitionChange> pending, RegistrySnapshot planned, RegistrySnapshot now)
    {
        var own = pending.Select(change => (change.Definition.Kind, change.Definition.Digest)).ToHashSet();
        var inForce = now.History.Select(one => (one.Kind, one.Digest)).ToHashSet();
        var lost = pending.Where(change => !inForce.Contains((change.Definition.Kind, change.Definition.Digest)))
            .Select(change => now.Lost(DefinitionStreams.Of(change.Definition.Kind, change.Definition.Name), change.Definition.Digest).Last())
            .ToList();
        if (lost.Count == 0) return;
        var others = now.History.Skip(planned.History.Count).Where(one => !own.Contains((one.Kind, one.Digest))).Select(one => $"{one.Kind} {one.Reference}").ToList();
        var those = lost.Select(one => $"{one.What} was recorded at position {one.Position} but is not in force: {string.Join(" ", one.Issues)}");
        var meanwhile = others.Count == 0 ? "" : $" After this was planned at position {planned.Position}, others applied {string.Join(", ", others)}.";
        throw Decision.Rejected(
            "definitions-changed-meanwhile",
            string.Join(" ", those) + meanwhile,
            "Plan again, correct what conflicts, and apply again; what is in force stays as it is.");
    }

    private static RefusedException Conflict(DefinitionChange change, IEnumerable<DefinitionChange> done, WrongExpectedVersionException conflict)
    {
        var names = string.Join(", ", done.Select(one => one.Definition.Reference));
        return Decision.Rejected(
            "definitions-changed-meanwhile",
            $"{change.Definition.Kind} {change.Definition.Reference} was not applied: somebody changed '{conflict.Stream}' after this was planned ({conflict.Message}) {(names.Length > 0 ? $"Applied before that: {names}." : "Nothing was applied.")}",
            "Plan again, look at the differences, and apply again; what is applied already stays as it is.",
            conflict);
    }
}
