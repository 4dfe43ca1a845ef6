using System.Text.Json;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Events.Moving;

/// <summary>The log as its server gives it, behind whatever the system reads it through.</summary>
public sealed record RawLog(IEventLog Log);

/// <summary>
/// Copies this log into another one: event ids, the order of streams and of the whole log, revisions, metadata and bytes
/// stay the same, and the target knows where each position of this log came to lie. Run again, it copies on.
/// </summary>
/// <param name="To">The target's connection string.</param>
public sealed record CopyLog(string To) : IRequest<CopySummary>
{
    /// <summary>Who asks for it.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Whether to copy nothing, but to read all that was copied before and compare its digests.</summary>
    public bool VerifyOnly { get; init; }

    /// <summary>Told the stage, and how much of it is done of how much.</summary>
    public Action<string, long, long>? Progress { get; init; }
}

/// <summary>What was copied.</summary>
/// <param name="Events">Events that this run copied or, if it only verified, compared.</param>
/// <param name="ThroughPosition">Up to which position of this log everything is copied.</param>
/// <param name="Digest">SHA-256 over all that was copied so far, equal on both sides.</param>
/// <param name="Skipped">Events of the server's own streams, which are not copied.</param>
/// <param name="Placeholders">Events that stand for those that a scavenge took here, so that revisions stay the same.</param>
/// <param name="MapStream">The target's stream that says where each event came to lie.</param>
public sealed record CopySummary(long Events, ulong ThroughPosition, string Digest, long Skipped, long Placeholders, string MapStream);

internal sealed class CopyLogValidator : AbstractValidator<CopyLog>
{
    public CopyLogValidator()
    {
        RuleFor(command => command.To).NotEmpty().WithMessage("Name the log to copy to, as esdb://host:2113?tls=false.");
        RuleFor(command => command.By).NotEmpty().WithMessage("Say who asks for it; it is recorded.");
    }
}

internal sealed class CopyLogHandler(RawLog raw, ILogConnector connector) : IRequestHandler<CopyLog, CopySummary>
{
    public async Task<CopySummary> Handle(CopyLog request, CancellationToken cancellationToken)
    {
        try
        {
            await using var target = connector.Connect(request.To, keepsOrder: false);
            return await RunAsync(request, target.Log, cancellationToken);
        }
        catch (FormatException unreadable)
        {
            throw Decision.Rejected("copy-refused", $"The target's connection string cannot be read: {unreadable.Message}", "", unreadable);
        }
        catch (CopyRefusedException refused)
        {
            throw Decision.Rejected("copy-refused", refused.Message, "", refused);
        }
        catch (LogAccessDeniedException denied)
        {
            throw Decision.Rejected("copy-refused", denied.Message, "Name a user in the connection string who may write to every stream, also to its metadata.", denied);
        }
        catch (LogUnavailableException away)
        {
            throw new LogUnavailableException($"{away.Message} What was copied stays: run the command again, and it copies on.", away);
        }
    }

    private async Task<CopySummary> RunAsync(CopyLog request, IEventLog target, CancellationToken cancellation)
    {
        if (request.VerifyOnly) return await VerifyAsync(request, target, cancellation);
        if (await raw.Log.ReadHeadAsync(cancellation) is null) throw new CopyRefusedException("This log is empty; there is nothing to copy.");
        var map = await NameAsync(request, cancellation);
        if (await PositionMaps.ReadNameAsync(target, cancellation) == map)
            throw new CopyRefusedException("The target is this very log, or a backup of it. Name another one.");
        var begun = await BeginAsync(request, target, map, cancellation);
        await using var copier = new LogCopier(raw.Log, target, () => connector.Connect(request.To, keepsOrder: true), map, begun);
        await copier.RunAsync((done, total) => request.Progress?.Invoke("copy", (long)done, (long)total), cancellation);
        var completed = new CopyCompleted(map, copier.Copied, copier.Through, copier.Digest, request.By, request.Why);
        await target.AppendToStreamAsync(PositionMaps.IndexStream, StreamState.StreamExists, [Event(request, completed)], cancellation);
        return new CopySummary(copier.Copied, copier.Through, copier.Digest, copier.Skipped, copier.Placeholders, PositionMap.StreamOf(map));
    }

    private async Task<CopySummary> VerifyAsync(CopyLog request, IEventLog target, CancellationToken cancellation)
    {
        var map = await PositionMaps.ReadNameAsync(raw.Log, cancellation);
        var last = map is null ? null : await new PositionMap(target, map).LastChunkAsync(cancellation);
        if (map is null || last is null) throw new CopyRefusedException("Nothing of this log was copied there. Copy first, without --verify.");
        var verified = await CopyVerification.RunAsync(target, map, (done, total) => request.Progress?.Invoke("verify", done, total), cancellation);
        return new CopySummary(verified, last.Entries[^1].Old, last.Digest, 0, 0, PositionMap.StreamOf(map));
    }

    // Given once and kept by the log itself, since no event of it need be there for ever. Of two that are given at once the first counts.
    private async Task<string> NameAsync(CopyLog request, CancellationToken cancellation)
    {
        if (await PositionMaps.ReadNameAsync(raw.Log, cancellation) is { } known) return known;
        var named = Event(request, new LogNamed(Guid.NewGuid().ToString("n"), request.By));
        await raw.Log.AppendToStreamAsync(PositionMaps.IndexStream, StreamState.Any, [named], cancellation);
        return await PositionMaps.ReadNameAsync(raw.Log, cancellation)
            ?? throw new CopyRefusedException($"'{PositionMaps.IndexStream}' of this log does not show its events. Remove what bounds it from its metadata.");
    }

    // Where the copy was begun first: nothing copied lies before it.
    private async Task<Position> BeginAsync(CopyLog request, IEventLog target, string map, CancellationToken cancellation)
    {
        if (await PositionMaps.ReadBeginAsync(target, map, cancellation) is { } begun) return begun;
        var log = new CopiedLog(map, await PositionMaps.ReadIndexAsync(raw.Log, cancellation));
        var started = Event(request, new CopyStarted(log, request.By, request.Why), EventIds.Derive("copy-started", map));
        return (await target.AppendToStreamAsync(PositionMaps.IndexStream, StreamState.Any, [started], cancellation)).Position;
    }

    private static EventData Event<T>(CopyLog request, T what, Guid? id = null) =>
        new(id ?? Guid.NewGuid(), typeof(T).Name, JsonSerializer.SerializeToUtf8Bytes(what, JsonSerializerOptions.Web), Provenance.Of(null, request.By).ToJson());
}
