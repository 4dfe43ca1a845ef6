using EventFeatures.Log.EmbeddedNode.Storage;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>One append on its way through the writer, with its rows already encoded by the caller's thread.</summary>
internal abstract class AppendRequest(string stream, long expected, StoredEvent[] events, byte[] rows, int[] rowOffsets, long deadline)
{
    public string Stream { get; } = stream;

    /// <summary>One of the constants of <see cref="Protocol.Expected"/>, or a revision.</summary>
    public long Expected { get; } = expected;

    /// <summary>What is asked; a deletion's one event belongs to the stream's metadata stream.</summary>
    public RequestKind Kind { get; init; }

    public StoredEvent[] Events { get; } = events;
    public byte[] Rows { get; } = rows;

    /// <summary>The clock's timestamp after which nobody waits for the outcome any more.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>Set by the decider; told to the caller only after the commit that it rests on.</summary>
    public AppendOutcome Outcome { get; set; }

    /// <summary>Whether a commit with this append was begun and its end never learnt.</summary>
    public bool InDoubt { get; set; }

    /// <summary>Writes position, revision, time and run into the rows. The events are one run, or one in each part that they reach.</summary>
    public void StampRows(Partitions partitions)
    {
        for (int start = 0, run; start < Events.Length; start += run)
        {
            var position = Events[start].Position;
            run = (int)Math.Min(Events.Length - start, partitions.PastOf(position) - position);
            EventRow.Stamp(Rows, rowOffsets[start], Events[start], run);
            for (var inside = start + 1; inside < start + run; inside++) EventRow.Stamp(Rows, rowOffsets[inside], Events[inside], run: 0);
        }
    }

    /// <summary>Hands the outcome to the caller. Must neither block nor throw.</summary>
    public abstract void Complete(AppendOutcome outcome);
}
