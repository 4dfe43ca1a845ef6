using System.Security.Cryptography;
using EventFeatures.Core.Models;

namespace EventFeatures.Inference.Scoring;

/// <summary>Model bytes as files of a folder, each named by its own SHA-256.</summary>
public sealed class FileModelStore : IModelStore
{
    private readonly string _folder;

    /// <summary>Opens the folder, making it if need be.</summary>
    public FileModelStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Directory.CreateDirectory(folder).FullName;
    }

    public async Task<string> PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        var path = PathOf(digest);
        if (await HasAsync(path, digest, cancellation)) return digest;

        // Nobody may ever see half a model under its digest: written aside, flushed, then renamed.
        var aside = Path.Combine(_folder, $".{digest}.{Guid.NewGuid():N}.tmp");
        try
        {
            await using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 4096, useAsync: true))
            {
                await file.WriteAsync(bytes, cancellation);
                await file.FlushAsync(cancellation);
                file.Flush(flushToDisk: true);
            }
            File.Move(aside, path, overwrite: true);
            FolderFlush.Run(_folder);
        }
        finally
        {
            File.Delete(aside);
        }
        return digest;
    }

    public async Task<byte[]?> GetAsync(string digest, CancellationToken cancellation = default)
    {
        var path = PathOf(digest);
        byte[] bytes;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > OnnxScorer.BytesMax } large)
                throw new ModelInvalidException($"Model {digest} has {large.Length:N0} bytes, above the bound of {OnnxScorer.BytesMax:N0}. Register a smaller one.");
            bytes = await File.ReadAllBytesAsync(path, cancellation);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ModelInvalidException($"The stored bytes of model {digest} cannot be read: {unreadable.Message} Let this account read '{path}', or restore it from a backup.", unreadable);
        }
        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return actual == digest
            ? bytes
            : throw new ModelInvalidException($"The stored bytes of model {digest} have digest {actual}: the file was changed or damaged. Restore '{path}' from a backup, or register the model again.");
    }

    /// <summary>The digests of all models here, in ascending order.</summary>
    public IReadOnlyList<string> Digests() =>
        [.. Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)).Where(IsDigest).Order(StringComparer.Ordinal)];

    private static async Task<bool> HasAsync(string path, string digest, CancellationToken cancellation)
    {
        if (!File.Exists(path)) return false;
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation)) == digest;
    }

    // A digest comes from outside, and must not be able to name any other file.
    private string PathOf(string digest) =>
        IsDigest(digest)
            ? Path.Combine(_folder, digest)
            : throw new ModelInvalidException($"'{(digest?.Length > 80 ? digest[..80] + "…" : digest)}' is not a model digest. Give the SHA-256 of its bytes as 64 lower-case hexadecimal digits.");

    private static bool IsDigest(string? name) => name is { Length: 64 } && name.All(char.IsAsciiHexDigitLower);
}
