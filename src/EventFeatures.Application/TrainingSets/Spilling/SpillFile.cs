using System.Buffers.Binary;
using EventFeatures.Core.FeatureViews.State;

namespace EventFeatures.Application.TrainingSets.Spilling;

/// <summary>
/// Items on disk, written once and then read once, in order. The file has no name from the moment it is open, so that
/// nothing is left of it however the process ends.
/// </summary>
internal sealed class SpillFile<T> : IDisposable
{
    private const int BufferBytes = 32 * 1024;

    private readonly FileStream _file;
    private readonly SpillFormat<T> _format;

    /// <param name="folder">An existing folder with room for all items.</param>
    /// <param name="format">How an item stands in the file.</param>
    public SpillFile(string folder, SpillFormat<T> format)
    {
        _format = format;
        var path = Path.Combine(folder, $".spill-{Guid.NewGuid():n}");
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, BufferBytes);
        File.Delete(path);
    }

    public void Write(T item)
    {
        var writer = new StateWriter();
        _format.Write(writer, item);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, writer.Written.Length);
        _file.Write(length);
        _file.Write(writer.Written);
    }

    /// <summary>All items in the order in which they were written. To be called once, after the last one.</summary>
    public IEnumerable<T> ReadAll()
    {
        _file.Position = 0;
        var (length, bytes) = (new byte[4], Array.Empty<byte>());
        while (_file.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(length);
            if (bytes.Length < count) bytes = new byte[Math.Max(count, 2 * bytes.Length)];
            _file.ReadExactly(bytes, 0, count);
            yield return Parse(bytes.AsSpan(0, count));
        }
    }

    public void Dispose() => _file.Dispose();

    private T Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes);
        return _format.Read(ref reader);
    }
}
