namespace EventFeatures.Log.Client;

/// <summary>Which of a cluster's nodes a client wants.</summary>
public enum NodePreference
{
    /// <summary>The leader, which alone takes appends without a detour.</summary>
    Leader,

    /// <summary>A follower.</summary>
    Follower,

    /// <summary>A read-only replica.</summary>
    ReadOnlyReplica,

    /// <summary>Whichever comes first.</summary>
    Random,
}

/// <summary>A host and port of a node.</summary>
public readonly record struct NodeAddress(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Host}:{Port}");
}

/// <summary>What a connection string says, with the defaults of the official clients.</summary>
public sealed record ConnectionSettings
{
    /// <summary>The nodes that were named; more than one only with discovery.</summary>
    public required IReadOnlyList<NodeAddress> Nodes { get; init; }

    /// <summary>Whether to ask the nodes for the cluster's members first.</summary>
    public bool Discover { get; init; }

    /// <summary>User name and password, sent over TLS only.</summary>
    public (string User, string Password)? Credentials { get; init; }

    /// <summary>Whether to use TLS. Default: true.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Whether to check the server's certificate. Default: true.</summary>
    public bool TlsVerifyCert { get; init; } = true;

    /// <summary>A file of certificates to trust beside the system's, PEM.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>The client's certificate, and after it those that lead to its authority, PEM.</summary>
    public string? UserCertFile { get; init; }

    /// <summary>The key of <see cref="UserCertFile"/>, PEM.</summary>
    public string? UserKeyFile { get; init; }

    /// <summary>How the connection shows in the server's logs.</summary>
    public string? ConnectionName { get; init; }

    /// <summary>Silence after which a ping is sent; <see langword="null"/> for no pings. Default: 10 s.</summary>
    public TimeSpan? KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a ping may go unanswered. Default: 10 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest that one try of an append or a look-up may take, discovery among them. Default: 10 s.</summary>
    public TimeSpan DefaultDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the nodes are asked before discovery gives up. Default: 10.</summary>
    public int MaxDiscoverAttempts { get; init; } = 10;

    /// <summary>Pause between discovery's rounds. Default: 100 ms.</summary>
    public TimeSpan DiscoveryInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a node may take to name the cluster's members. Default: 5 s.</summary>
    public TimeSpan GossipTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Which node to use. Default: the leader.</summary>
    public NodePreference NodePreference { get; init; } = NodePreference.Leader;

    /// <summary>The base address of one of the nodes.</summary>
    public Uri AddressOf(NodeAddress node) => new UriBuilder(Tls ? "https" : "http", node.Host, node.Port).Uri;

    /// <summary>Reads an <c>esdb://</c>, <c>esdb+discover://</c>, <c>kurrentdb://</c> or <c>kdb://</c> connection string.</summary>
    /// <exception cref="FormatException">It is none, or has an option that is unknown or has an impossible value.</exception>
    public static ConnectionSettings Parse(string connectionString) => ConnectionStringParser.Parse(connectionString);
}
