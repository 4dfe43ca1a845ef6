using EventFeatures.Core.Events;

namespace EventFeatures.Application.Predictions;

/// <summary>Predictions and outcomes that an answer leaves out because their events cannot be read, of whichever model they are.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The place of the first that was met; null when there is none.</param>
public sealed record UnreadableDossiers(long Count, Position? First);
