namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>An event as the node holds it. Position, revision and time are set by the writer, once.</summary>
internal sealed class StoredEvent(
    string stream, string type, Guid id, bool isJson, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata)
{
    public string Stream { get; } = stream;
    public string Type { get; } = type;
    public Guid Id { get; } = id;
    public bool IsJson { get; } = isJson;
    public ReadOnlyMemory<byte> Data { get; } = data;
    public ReadOnlyMemory<byte> Metadata { get; } = metadata;

    /// <summary>Whether a scavenge took its data and metadata; then nobody is shown more than a link to it.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>The event that a link of a link stream leads to; <see langword="null"/> for all other events.</summary>
    public StoredEvent? Target { get; init; }

    public long Position { get; set; }
    public long Revision { get; set; }

    /// <summary>Microseconds since the Unix epoch.</summary>
    public long CreatedMicroseconds { get; set; }

    /// <summary>The same event with payloads of its own: those of one that was just appended are parts of its whole append's rows.</summary>
    public StoredEvent Apart() => new(Stream, Type, Id, IsJson, Data.ToArray(), Metadata.ToArray())
    {
        IsRemoved = IsRemoved,
        Target = Target?.Apart(),
        Position = Position,
        Revision = Revision,
        CreatedMicroseconds = CreatedMicroseconds,
    };

    /// <summary>An estimate of the memory that it takes.</summary>
    public int Bytes => 160 + Data.Length + Metadata.Length + 2 * (Stream.Length + Type.Length) + (Target?.Bytes ?? 0);
}
