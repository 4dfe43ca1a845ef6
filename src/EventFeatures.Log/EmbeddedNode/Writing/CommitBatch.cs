namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>The appends whose outcomes are told together, after one commit.</summary>
internal sealed class CommitBatch
{
    /// <summary>The most events in one commit, unless a single append has more.</summary>
    public const int EventsMax = 4096;

    private const long BytesMax = 16L * 1024 * 1024;

    private long _bytes;
    private int _events;

    /// <summary>All appends, in the order of their arrival.</summary>
    public List<AppendRequest> Requests { get; } = [];

    /// <summary>Those that add rows, in the order of their positions, with what the writer adds of its own.</summary>
    public List<AppendRequest> Written { get; } = [];

    /// <summary>How many of <see cref="Requests"/> were decided.</summary>
    public int Decided { get; set; }

    /// <summary>Whether it takes no more.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Takes no more, whatever its size.</summary>
    public void Close() => IsFull = true;

    public void Add(AppendRequest request)
    {
        Requests.Add(request);
        _events += Math.Max(1, request.Events.Length);
        _bytes += request.Rows.Length;
        IsFull |= _events >= EventsMax || _bytes >= BytesMax;
    }
}
