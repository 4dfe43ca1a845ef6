namespace EventFeatures.Log.Protocol;

/// <summary>
/// What an append expects, as the protocol's own numbers: -1 no stream, -2 any, -4 the stream exists,
/// otherwise the stream's last revision.
/// </summary>
internal static class Expected
{
    public const long NoStream = -1;
    public const long Any = -2;
    public const long StreamExists = -4;

    public static long Of(Core.Events.StreamState state) =>
        state.Revision is { } revision ? revision
        : state == Core.Events.StreamState.NoStream ? NoStream
        : state == Core.Events.StreamState.StreamExists ? StreamExists
        : Any;

    /// <summary>An exact revision; one past any stream's last is no match but no error either.</summary>
    public static long OfRevision(ulong revision) => revision > long.MaxValue ? long.MaxValue : (long)revision;

    public static string Describe(long expected) => expected switch
    {
        NoStream => "no stream",
        Any => "any",
        StreamExists => "an existing stream",
        _ => FormattableString.Invariant($"revision {expected}"),
    };
}
