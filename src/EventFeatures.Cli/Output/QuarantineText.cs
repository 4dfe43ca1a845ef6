using EventFeatures.Api.V1;

namespace EventFeatures.Cli.Output;

/// <summary>Tells a person that an event is kept, but not where it was meant to go.</summary>
internal static class QuarantineText
{
    public static string Of(AppendedEvent appended, string stream) =>
        $"""
         Event {appended.EventId} is not in {stream}: it breaks its contract and was quarantined, so that no feature counts it.
         why   {appended.Detail} [{appended.Code}]
         where {appended.Stream} at revision {appended.Revision}, position {appended.Position}, with its original bytes
         next  mend the event and append it again; its id may stay the same
         """;
}
