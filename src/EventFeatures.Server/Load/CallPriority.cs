namespace EventFeatures.Server.Load;

/// <summary>What goes first when there is more to do than can be done. The last is refused first.</summary>
internal enum CallPriority
{
    /// <summary>Somebody's decision waits for it: predictions, outcomes, features, and whoever operates the system.</summary>
    Serving,

    /// <summary>Events as they happen, and models.</summary>
    Writing,

    /// <summary>What can come later as well: imports, backfills, look-ups for audit.</summary>
    Bulk,

    /// <summary>Long work: training and replays.</summary>
    Background,
}
