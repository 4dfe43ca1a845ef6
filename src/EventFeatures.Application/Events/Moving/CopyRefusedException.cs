namespace EventFeatures.Application.Events.Moving;

/// <summary>A log cannot be copied to where it was to go; the message says why and what to do.</summary>
internal sealed class CopyRefusedException(string message) : Exception(message);
