using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.FeatureViews;

/// <summary>The position that a question is about, checked against the log itself, so that nobody waits for views to reach what is not there.</summary>
internal static class KnownAtPosition
{
    /// <summary>The stated position, or the log's head as it is now where none is stated.</summary>
    /// <param name="log">The log; its head is read anew each time, so that what was acknowledged before the question is within it.</param>
    /// <param name="stated">The position that the caller states; null for none.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="RefusedException"><c>position-beyond-head</c>: the log has not reached the stated position.</exception>
    public static async Task<Position> OfAsync(IEventLog log, Position? stated, CancellationToken cancellation)
    {
        var head = await log.ReadHeadAsync(cancellation) ?? Position.Start;
        return stated > head
            ? throw Decision.Rejected("position-beyond-head", $"The log's last event is at position {head}; nothing is known at {stated} yet.", "Ask for a position that an append has answered with, or leave it out.")
            : stated ?? head;
    }
}
