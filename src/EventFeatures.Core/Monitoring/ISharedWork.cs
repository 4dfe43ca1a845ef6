namespace EventFeatures.Core.Monitoring;

/// <summary>
/// Work that one of several processes does at a time, with how far it has come: a lease and a text that survive every
/// process. All times are the store's, so that no process's clock matters. Every call throws
/// <see cref="FeatureViews.ViewUnavailableException"/> while the store cannot be asked.
/// </summary>
public interface ISharedWork
{
    /// <summary>Takes a work, or goes on having it, for so long. A process that was started again has what it had before.</summary>
    /// <returns>How far it has come, empty where nobody has begun; null while another process has it.</returns>
    Task<string?> TryTakeAsync(string work, TimeSpan duration, CancellationToken cancellation = default);

    /// <summary>Says how far a work has come, and goes on having it for so long.</summary>
    /// <returns>Whether it was still this process's; if not, nothing was said.</returns>
    Task<bool> KeepAsync(string work, string state, TimeSpan duration, CancellationToken cancellation = default);

    /// <summary>Lets another process take the work at once.</summary>
    Task LeaveAsync(string work, CancellationToken cancellation = default);

    /// <summary>How far a work has come and who has it; null where nobody has begun.</summary>
    Task<SharedWorkState?> ReadAsync(string work, CancellationToken cancellation = default);
}

/// <summary>A work as the store shows it.</summary>
/// <param name="State">How far it has come.</param>
/// <param name="Worker">The name of the process that has it; null while none has.</param>
public sealed record SharedWorkState(string State, string? Worker);
