using System.Security.Cryptography;

namespace EventFeatures.Log.EmbeddedNode.Backup;

/// <summary>Copies a stream to or from a file, with the digest of what went through.</summary>
internal static class HashedFile
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Copies everything; returns the bytes and their digest.</summary>
    public static async Task<(long Bytes, string Sha256)> CopyAsync(Stream from, Stream to, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var bytes = 0L;
        while (await from.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
            bytes += read;
        }
        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Whether a segment's file is there, whole and unaltered.</summary>
    /// <exception cref="BackupException">It is not.</exception>
    public static async Task VerifyAsync(string folder, BackupSegment segment, CancellationToken cancellation)
    {
        var path = PathOf(folder, segment);
        if (!File.Exists(path)) throw new BackupException($"{path} is missing: the events from position {segment.FromPosition} to {segment.ToPosition} are not in this backup. Bring the file back, or use another backup.");
        await using var file = File.OpenRead(path);
        var (bytes, digest) = await CopyAsync(file, Stream.Null, cancellation);
        if (bytes != segment.Bytes || digest != segment.Sha256)
            throw new BackupException($"{path} was altered: it has {bytes:N0} bytes with SHA-256 {digest}, and the manifest says {segment.Bytes:N0} bytes with {segment.Sha256}. Use another copy of the backup.");
    }

    /// <summary>Where a segment lies. A manifest may come from elsewhere, so its names must not lead out of the folder.</summary>
    public static string PathOf(string folder, BackupSegment segment) =>
        Path.GetFileName(segment.File) == segment.File
            ? Path.Combine(folder, segment.File)
            : throw new BackupException($"The manifest names the file '{segment.File}', which is not in its own folder. Use an unaltered backup.");
}
