using EventFeatures.Application.Events;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Log.EmbeddedNode.Access;
using EventFeatures.Server.Load;

namespace EventFeatures.Server;

/// <summary>How a whole system runs in this process.</summary>
public sealed record HostOptions
{
    /// <summary>The data folder: the database cluster, models, training sets and logs. Made when missing.</summary>
    public required string Home { get; init; }

    /// <summary>The address that the API listens on. Default: 127.0.0.1, this machine only.</summary>
    public string ApiBind { get; init; } = "127.0.0.1";

    /// <summary>The API's port, for gRPC and HTTP alike; 0 takes a free one.</summary>
    public int ApiPort { get; init; }

    /// <summary>The embedded log's port; 0 takes a free one. Of no effect with <see cref="Log"/>.</summary>
    public int LogPort { get; init; }

    /// <summary>
    /// Who may call the embedded log, from where, and with which certificate. Default: anyone on this machine, without
    /// TLS. Of no effect with <see cref="Log"/>.
    /// </summary>
    public NodeAccess LogAccess { get; init; } = NodeAccess.ThisMachine;

    /// <summary>
    /// A PostgreSQL connection string for a database of the caller's; <see langword="null"/> starts a private cluster
    /// in <see cref="Home"/>.
    /// </summary>
    public string? Postgres { get; init; }

    /// <summary>
    /// An EventStoreDB connection string (<c>esdb://…</c>); <see langword="null"/> starts the embedded node.
    /// </summary>
    public string? Log { get; init; }

    /// <summary>
    /// How long a feature view may trail the log before the server calls itself unready.
    /// Unit: wall-clock time. Range: 100 ms to 1 h. Default: 5 s.
    /// </summary>
    public TimeSpan LagMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a read of features waits for the position that it names before it is refused, where its caller's own
    /// deadline does not come first. Unit: wall-clock time. Range: 1 ms to 5 min. Default: 5 s.
    /// </summary>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long reading features and scoring may take before a model's fallback answers.
    /// Unit: wall-clock time. Range: 1 ms to 1 min. Default: 500 ms.
    /// </summary>
    public TimeSpan PredictionLatencyMax { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How much the API takes on at once.</summary>
    public LoadLimits Load { get; init; } = new();

    /// <summary>How much each producer may append. Default: nobody is limited.</summary>
    public ProducerQuotas ProducerQuotas { get; init; } = ProducerQuotas.None;

    /// <summary>
    /// How long stopping waits for calls in work before it cuts them off.
    /// Unit: wall-clock time. Range: 0 to 5 min. Default: 10 s.
    /// </summary>
    public TimeSpan StopMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How what is served is compared with the batch views in the background.</summary>
    public ConsistencyWatchOptions Consistency { get; init; } = new();

    /// <summary>
    /// Whether this server projects nothing, and answers from what the servers that do have committed to
    /// <see cref="Postgres"/>. Needs <see cref="Log"/> as well. Default: false.
    /// </summary>
    public bool ServesOnly { get; init; }

    /// <summary>Whether the log entries go to standard error instead of <c>logs/server.jsonl</c> in <see cref="Home"/>.</summary>
    public bool LogToStandardError { get; init; }

    /// <summary>The clock of all that the server decides by time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="ConfigurationInvalidException">Values cannot be used; lists all of them.</exception>
    internal void Validate()
    {
        List<string> wrong = [];
        if (string.IsNullOrWhiteSpace(Home)) wrong.Add("Home is empty; name a folder (--home DIR)");
        else if (File.Exists(Home)) wrong.Add($"Home is '{Home}', which is a file; name a folder (--home DIR)");
        if (!System.Net.IPAddress.TryParse(ApiBind, out _)) wrong.Add($"ApiBind is '{ApiBind}'; it must be an IP address such as 127.0.0.1 or 0.0.0.0");
        if (ApiPort is < 0 or > 65535) wrong.Add($"ApiPort is {ApiPort}; it must be 0 to 65535 (--port)");
        if (LogPort is < 0 or > 65535) wrong.Add($"LogPort is {LogPort}; it must be 0 to 65535 (--log-port)");
        if (LogPort != 0 && LogPort == ApiPort) wrong.Add($"LogPort and ApiPort are both {ApiPort}; the log and the API need a port each");
        if (ServesOnly && (Log is null || Postgres is null)) wrong.Add("ServesOnly is set (--serve-only), but what it would serve is not named; give the log and the database of the servers that project (EVENTFEATURES_LOG, EVENTFEATURES_POSTGRES)");
        if (ReadDeadline < TimeSpan.FromMilliseconds(1) || ReadDeadline > TimeSpan.FromMinutes(5)) wrong.Add($"ReadDeadline is {ReadDeadline}; it must be 1 ms to 5 min");
        if (StopMax < TimeSpan.Zero || StopMax > TimeSpan.FromMinutes(5)) wrong.Add($"StopMax is {StopMax}; it must be 0 to 5 min");
        Load.Check(wrong);
        ProducerQuotas.Check(wrong);
        Hosting.ServingSettings.Check(LagMax, PredictionLatencyMax, wrong);
        if (wrong.Count > 0) throw new ConfigurationInvalidException(wrong);
    }
}
