namespace EventFeatures.Server.Load;

/// <summary>
/// How much the API takes on at once. Each limit is for all calls together; those of a lower priority may only use a
/// part of it (3/4 without serving, 1/2 without writing either, 1/4 for background work alone), so that there is always
/// room for the ones above them.
/// </summary>
public sealed record LoadLimits
{
    private const long MiB = 1024 * 1024;

    /// <summary>Calls, and requests within streams of appends, that are worked on at once. Range: 8 to 100,000. Default: 2,048.</summary>
    public int WorkMax { get; init; } = 2_048;

    /// <summary>Bytes of the messages that are worked on at once. Range: 1 MiB to 64 GiB. Default: 256 MiB.</summary>
    public long WorkBytesMax { get; init; } = 256 * MiB;

    /// <summary>Trainings, training sets, evaluations and replays at once. Range: 1 to 1,000. Default: 8.</summary>
    public int BackgroundMax { get; init; } = 8;

    /// <summary>Calls that may wait for their turn. Range: 0 to 100,000. Default: 2,048.</summary>
    public int WaitingMax { get; init; } = 2_048;

    /// <summary>Bytes of the messages that wait. Range: 1 MiB to 64 GiB. Default: 64 MiB.</summary>
    public long WaitingBytesMax { get; init; } = 64 * MiB;

    /// <summary>The longest that a call waits for its turn before it is refused. Range: 0 to 1 min. Default: 1 s.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest that a stream of appends is held back, by its producer's quota or by others' work, before one of its
    /// requests is refused. Range: 0 to 5 min. Default: 10 s.
    /// </summary>
    public TimeSpan StreamWaitMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls that are open at once, be they worked on, waiting or just coming in. Range: 8 to 1,000,000. Default: 8,192.</summary>
    public int OpenCallsMax { get; init; } = 8_192;

    /// <summary>Streams of appends that are open at once. Range: 1 to 100,000. Default: 512.</summary>
    public int AppendStreamsMax { get; init; } = 512;

    /// <summary>Bytes of messages that have not come in whole yet. Range: 1 MiB to 64 GiB. Default: 128 MiB.</summary>
    public long ReceivingBytesMax { get; init; } = 128 * MiB;

    /// <summary>Connections at once; one more is closed as it opens. Range: 1 to 1,000,000. Default: 4,096.</summary>
    public int ConnectionsMax { get; init; } = 4_096;

    internal void Check(List<string> wrong)
    {
        Check(nameof(WorkMax), WorkMax, 8, 100_000, wrong);
        Check(nameof(WorkBytesMax), WorkBytesMax, MiB, 65_536 * MiB, wrong);
        Check(nameof(BackgroundMax), BackgroundMax, 1, 1_000, wrong);
        Check(nameof(WaitingMax), WaitingMax, 0, 100_000, wrong);
        Check(nameof(WaitingBytesMax), WaitingBytesMax, MiB, 65_536 * MiB, wrong);
        Check(nameof(OpenCallsMax), OpenCallsMax, 8, 1_000_000, wrong);
        Check(nameof(AppendStreamsMax), AppendStreamsMax, 1, 100_000, wrong);
        Check(nameof(ReceivingBytesMax), ReceivingBytesMax, MiB, 65_536 * MiB, wrong);
        Check(nameof(ConnectionsMax), ConnectionsMax, 1, 1_000_000, wrong);
        if (WaitMax < TimeSpan.Zero || WaitMax > TimeSpan.FromMinutes(1)) wrong.Add($"Load.WaitMax is {WaitMax}; it must be 0 to 1 min");
        if (StreamWaitMax < TimeSpan.Zero || StreamWaitMax > TimeSpan.FromMinutes(5)) wrong.Add($"Load.StreamWaitMax is {StreamWaitMax}; it must be 0 to 5 min");
    }

    private static void Check(string name, long value, long min, long max, List<string> wrong)
    {
        if (value < min || value > max) wrong.Add(FormattableString.Invariant($"Load.{name} is {value}; it must be {min} to {max}"));
    }
}
