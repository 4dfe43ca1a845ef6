namespace EventFeatures.Views.FeatureViews;

/// <summary>The bounds within which the projection host works. Every wait, queue and retry has one here.</summary>
public sealed record ViewsOptions
{
    /// <summary>
    /// How many folded events make a batch that is committed at once. The larger, the fewer times a busy entity's
    /// state is written. Default: 20,000.
    /// </summary>
    public int BatchEventsMax { get; init; } = 20_000;

    /// <summary>
    /// How long a live view leaves a folded event uncommitted, while the database keeps up and nobody asks for the
    /// batch view. It is visible to reads all the while; this is only how much a crash makes the view fold again.
    /// Default: 500 ms.
    /// </summary>
    public TimeSpan CommitDelayMax { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How many events may be folded but uncommitted before the subscription is held back. Default: 60,000.
    /// </summary>
    public int UncommittedEventsMax { get; init; } = 60_000;

    /// <summary>How many messages of the log may wait for the fold. Default: 4,096.</summary>
    public int ReceivedMessagesMax { get; init; } = 4_096;

    /// <summary>How many messages are folded before waiting readers are told. Default: 1,024.</summary>
    public int FoldMessagesMax { get; init; } = 1_024;

    /// <summary>How many entities a view keeps in memory; the rest stay in their documents. Default: 1,000,000.</summary>
    public int HotEntitiesMax { get; init; } = 1_000_000;

    /// <summary>
    /// How many streams a view whose entities are not its streams keeps in memory, to decide which events count; the
    /// rest stay in their table. Default: 1,000,000.
    /// </summary>
    public int HotStreamsMax { get; init; } = 1_000_000;

    /// <summary>How long a read waits for its position, beside the caller's own token. Default: 5 s.</summary>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a read of the batch view waits until what it asks for is committed, beside the caller's own token.
    /// Default: 60 s.
    /// </summary>
    public TimeSpan BatchReadDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How seldom a checkpoint alone, without rows, is written; and how long a view that is catching up, and so
    /// commits full batches, leaves a smaller one. Default: 5 s.
    /// </summary>
    public TimeSpan CheckpointDelayMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a reader of a position waits for the subscription to bring it before the log is asked whether there is
    /// anything of the view's category up to there at all. Default: 1 ms.
    /// </summary>
    public TimeSpan ProbeDelay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>After how many failures in a row a view calls itself stopped. It keeps trying. Default: 4.</summary>
    public int FailuresMax { get; init; } = 4;

    /// <summary>The first pause after a failure; it doubles, with jitter. Default: 50 ms.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between two attempts, and so the period of a stopped view's attempts. Default: 5 s.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long stopping waits for the last commit. Default: 10 s.</summary>
    public TimeSpan StopDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether this process owns no part of any view and writes nothing of them: it answers from what others have
    /// committed, at their checkpoints. Any number of such processes may read from one database, or from replicas of it.
    /// Default: false.
    /// </summary>
    public bool ServesOnly { get; init; }

    /// <summary>
    /// The name under which this process takes its share of the views, unique among the processes on one database and
    /// the same after a restart, which then does not wait for its own leases. Default: a new one each time.
    /// </summary>
    public string? WorkerName { get; init; }

    /// <summary>
    /// For how long a worker that gives no sign of life keeps what it owns, by the database's clock. Default: 5 s.
    /// </summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a worker gives a sign of life, and looks whether it owns its share. Default: 1 s.</summary>
    public TimeSpan LeaseBeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The PostgreSQL schema of the online views' documents. Default: <c>views</c>.</summary>
    public string OnlineSchema { get; init; } = "views";

    /// <summary>The PostgreSQL schema of the batch views' tables. Default: <c>batch</c>.</summary>
    public string BatchSchema { get; init; } = "batch";

    /// <summary>The name of the meter; another one than is exported where a view is only built to be compared.</summary>
    internal string MeterName { get; init; } = Telemetry.ViewsTelemetry.SourceName;

    /// <summary>Throws if a value makes no sense, naming every such value.</summary>
    public void Validate()
    {
        var wrong = new List<string>();
        void Positive(string name, double value) { if (value <= 0) wrong.Add($"{name} is {value} and must be more than 0"); }
        Positive(nameof(BatchEventsMax), BatchEventsMax);
        Positive(nameof(CommitDelayMax), CommitDelayMax.TotalMilliseconds);
        Positive(nameof(UncommittedEventsMax), UncommittedEventsMax);
        Positive(nameof(ReceivedMessagesMax), ReceivedMessagesMax);
        Positive(nameof(FoldMessagesMax), FoldMessagesMax);
        Positive(nameof(HotEntitiesMax), HotEntitiesMax);
        Positive(nameof(HotStreamsMax), HotStreamsMax);
        Positive(nameof(ReadDeadline), ReadDeadline.TotalMilliseconds);
        Positive(nameof(BatchReadDeadline), BatchReadDeadline.TotalMilliseconds);
        Positive(nameof(CheckpointDelayMax), CheckpointDelayMax.TotalMilliseconds);
        Positive(nameof(ProbeDelay), ProbeDelay.TotalMilliseconds);
        Positive(nameof(FailuresMax), FailuresMax);
        Positive(nameof(RetryDelayMin), RetryDelayMin.TotalMilliseconds);
        Positive(nameof(StopDeadline), StopDeadline.TotalMilliseconds);
        Positive(nameof(LeaseBeat), LeaseBeat.TotalMilliseconds);
        if (LeaseDuration < 2 * LeaseBeat) wrong.Add($"{nameof(LeaseDuration)} is {LeaseDuration} and must be at least twice {nameof(LeaseBeat)}, {LeaseBeat}");
        if (WorkerName is { } name && (name.Length is 0 or > 200 || name.Any(char.IsControl))) wrong.Add($"{nameof(WorkerName)} must have 1 to 200 characters, none of them a control character");
        if (RetryDelayMax < RetryDelayMin) wrong.Add($"{nameof(RetryDelayMax)} is {RetryDelayMax} and must not be less than {nameof(RetryDelayMin)}, {RetryDelayMin}");
        if (wrong.Count > 0) throw new ArgumentException($"The views' options cannot be used: {string.Join("; ", wrong)}. Correct them and start again.");
    }
}
