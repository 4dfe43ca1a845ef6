namespace EventFeatures.Testing.Faults;

/// <summary>What is done to the log while it is in use.</summary>
public enum FaultKind
{
    /// <summary>kill -9 of the node's process; another takes over.</summary>
    KillNode,

    /// <summary>kill -9 of all PostgreSQL processes at once; they are started again.</summary>
    KillPostgres,

    /// <summary>kill -9 of the node and of PostgreSQL at the same moment.</summary>
    KillBoth,

    /// <summary>kill -9 of the one PostgreSQL process that writes the log; PostgreSQL ends its other sessions and recovers.</summary>
    KillWriterSession,

    /// <summary>The node is stopped in order, under load; another takes over.</summary>
    StopNode,

    /// <summary>All connections of the clients are closed once.</summary>
    DropConnections,

    /// <summary>The clients cannot reach the node for a while.</summary>
    CutLink,

    /// <summary>Nothing passes for a while, on connections that stay open.</summary>
    FreezeLink,

    /// <summary>Everything is held up for a while.</summary>
    DelayLink,

    /// <summary>PostgreSQL's disk is full for a while.</summary>
    FillDisk,
}

/// <summary>A fault of a schedule.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="AfterAnswers">How many appends are answered between the last fault's end and this one.</param>
/// <param name="Pause">How long after that many answers it comes, so that it hits any moment of an append.</param>
/// <param name="Duration">How long it lasts, where that is for us to say.</param>
public sealed record Fault(FaultKind Kind, int AfterAnswers, TimeSpan Pause, TimeSpan Duration)
{
    public bool IsKill => Kind is FaultKind.KillNode or FaultKind.KillPostgres or FaultKind.KillBoth or FaultKind.KillWriterSession;
}
