namespace EventFeatures.Cli.Connection;

/// <summary>
/// How long a command waits for a server that is silent. Wall-clock times, 1 s or more. A call that streams may last for
/// hours, so there only the connection is watched; a call with one answer has a bound of its own as well.
/// </summary>
/// <param name="Connect">For a connection.</param>
/// <param name="PingAfter">How long nothing may come on the connection of a call under way before the server is asked for a sign of life.</param>
/// <param name="PingAnswer">For that sign.</param>
/// <param name="Answer">For an answer, beyond the time after which the server itself gives a call up and says so.</param>
internal sealed record CallLimits(TimeSpan Connect, TimeSpan PingAfter, TimeSpan PingAnswer, TimeSpan Answer)
{
    /// <summary>Long enough for a server whose machine is busy, and not longer than a person would wait.</summary>
    public static readonly CallLimits Default = new(
        Connect: TimeSpan.FromSeconds(5), PingAfter: TimeSpan.FromSeconds(15), PingAnswer: TimeSpan.FromSeconds(30), Answer: TimeSpan.FromSeconds(15));

    /// <summary>The transport that keeps to them.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = Connect,
        KeepAlivePingDelay = PingAfter,
        KeepAlivePingTimeout = PingAnswer,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    };
}
