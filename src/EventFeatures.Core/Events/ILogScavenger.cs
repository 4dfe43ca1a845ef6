namespace EventFeatures.Core.Events;

/// <summary>
/// Frees the room of events that no read of their streams can show any more: those that <c>$tb</c>, <c>$maxCount</c> or
/// <c>$maxAge</c> hide, those of deleted streams, and all of closed streams but the tombstone.
/// </summary>
public interface ILogScavenger
{
    /// <summary>
    /// Runs once, beside everything else. No position and no revision changes, and the id of a removed event is still
    /// known. Cut short at any point, it leaves a whole log, and the next run does what is left.
    /// </summary>
    /// <param name="keptPrefixes">Streams whose names start with one of these keep every event, whatever their metadata says.</param>
    /// <param name="progress">Told now and then.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ScavengeRefusedException">There is nothing here that could be scavenged, or another run is under way.</exception>
    Task<ScavengeSummary> ScavengeAsync(
        IReadOnlyCollection<string> keptPrefixes, IProgress<ScavengeProgress>? progress = null, CancellationToken cancellation = default);
}

/// <summary>How far a scavenge is.</summary>
/// <param name="Stage">What it does: <c>streams</c> are looked through, then events are <c>rewritten</c>.</param>
/// <param name="Done">How many of them so far.</param>
/// <param name="Total">How many in all; 0 when that is not known.</param>
public readonly record struct ScavengeProgress(string Stage, long Done, long Total);

/// <summary>What a scavenge did.</summary>
public sealed record ScavengeSummary
{
    /// <summary>Events whose data and metadata are gone.</summary>
    public required long EventsRemoved { get; init; }

    /// <summary>Bytes of their data and metadata.</summary>
    public required long BytesRemoved { get; init; }

    /// <summary>Bytes of disk that are free now and were not before.</summary>
    public required long DiskBytesFreed { get; init; }

    /// <summary>Parts of the log that were rewritten.</summary>
    public required int PartsRewritten { get; init; }

    /// <summary>Why parts that have something to remove were left as they are, one sentence each.</summary>
    public required IReadOnlyList<string> PartsLeft { get; init; }

    /// <summary>Streams of which metadata hides something and that keep it all the same, by the prefixes that were given.</summary>
    public required long StreamsKept { get; init; }
}

/// <summary>A scavenge cannot run here or now; the message says why and what to do.</summary>
public sealed class ScavengeRefusedException(string message) : Exception(message);
