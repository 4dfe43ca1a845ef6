using System.Text.Json;

namespace EventFeatures.Log.EmbeddedNode.Backup;

/// <summary>What a backup folder holds: segments of the log, one after the other without a gap.</summary>
/// <param name="Format">1: segments are PostgreSQL's binary COPY of the log's rows. 2: the same, but rows of removed events have neither data nor metadata. 3: the same, and <paramref name="Models"/>.</param>
/// <param name="Segments">In the log's order; empty for an empty log.</param>
/// <param name="Models">The digests of the models that its events may name, whose bytes lie beside it; null where nobody listed them.</param>
public sealed record BackupManifest(int Format, IReadOnlyList<BackupSegment> Segments, IReadOnlyList<string>? Models = null)
{
    /// <summary>The format that is written; earlier ones are read as well.</summary>
    public const int CurrentFormat = 3;

    private const string FileName = "manifest.json";

    /// <summary>The manifest's name until it is whole.</summary>
    internal const string UnfinishedName = FileName + ".new";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>A backup of nothing.</summary>
    public static readonly BackupManifest Empty = new(CurrentFormat, []);

    /// <summary>The recovery point: the position of the last event that is in the backup; 0 for none.</summary>
    public long Position => Segments.Count == 0 ? 0 : Segments[^1].ToPosition;

    /// <summary>How many events are in the backup.</summary>
    public long Events => Segments.Sum(segment => segment.Events);

    /// <summary>Reads a folder's manifest; <see langword="null"/> when it has none.</summary>
    /// <exception cref="BackupException">The manifest cannot be read.</exception>
    public static async Task<BackupManifest?> ReadAsync(string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(await File.ReadAllTextAsync(path, cancellation), Json);
            return manifest is { Format: >= 1 and <= CurrentFormat, Segments: not null }
                ? manifest
                : throw new BackupException($"{path} has format {manifest?.Format}; this version reads formats up to {CurrentFormat}. Use the version that wrote it.");
        }
        catch (JsonException unreadable)
        {
            throw new BackupException($"{path} is no backup's manifest: {unreadable.Message} Name a folder that 'backup' wrote, or an empty one.", unreadable);
        }
    }

    /// <summary>Replaces the folder's manifest in one step, so that a crash leaves the old one or the new one.</summary>
    public async Task WriteAsync(string folder, CancellationToken cancellation)
    {
        var unfinished = Path.Combine(folder, UnfinishedName);
        await using (var file = new FileStream(unfinished, FileMode.Create))
        {
            await JsonSerializer.SerializeAsync(file, this, Json, cancellation);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, Path.Combine(folder, FileName), overwrite: true);
    }
}

/// <summary>One file of a backup.</summary>
/// <param name="File">Its name in the folder.</param>
/// <param name="FromPosition">The position of its first event.</param>
/// <param name="ToPosition">The position of its last event.</param>
/// <param name="Events">How many events it holds.</param>
/// <param name="LastEventId">The id of its last event: shows whether a later backup is of the same log.</param>
/// <param name="LastCreated">When the log recorded its last event.</param>
/// <param name="Bytes">The file's length.</param>
/// <param name="Sha256">The file's digest, lower-case hexadecimal.</param>
public sealed record BackupSegment(
    string File, long FromPosition, long ToPosition, long Events, Guid LastEventId, DateTimeOffset LastCreated, long Bytes, string Sha256);

/// <summary>A backup that cannot be made, or cannot be used; the message says why and what to do.</summary>
public sealed class BackupException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>How far a backup or a restore is.</summary>
/// <param name="Done">Events so far.</param>
/// <param name="Total">Events in all.</param>
public readonly record struct BackupProgress(long Done, long Total);
