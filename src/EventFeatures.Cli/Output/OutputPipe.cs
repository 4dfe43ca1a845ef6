using System.Runtime.InteropServices;

namespace EventFeatures.Cli.Output;

/// <summary>
/// A descriptor that is written to, such as standard output. The console's own stream takes it for a success when the
/// reader of a pipe has gone, so that a command would work on for nobody; this one says so. It does not own the descriptor.
/// </summary>
internal sealed partial class OutputPipe(int descriptor) : Stream
{
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;
    private const short Writable = 0x4;
    private const short ReaderGone = 0x8;

    private static readonly int Full = OperatingSystem.IsLinux() ? 11 : 35;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Whether its reader has gone, without writing; never so of a file.</summary>
    public bool IsClosed => (Poll(0, timeoutMilliseconds: 0) & ReaderGone) != 0;

    /// <exception cref="OutputClosedException">Its reader has gone.</exception>
    /// <exception cref="OutputFailedException">It cannot be written, as on a full disk.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = Write(descriptor, buffer, buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }
            var error = Marshal.GetLastPInvokeError();
            if (error == BrokenPipe) throw new OutputClosedException();
            // Somebody else set the descriptor to return at once; the reader is waited for all the same.
            if (error == Full) Poll(Writable, timeoutMilliseconds: -1);
            else if (error != Interrupted) throw new OutputFailedException(Marshal.GetPInvokeErrorMessage(error));
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private short Poll(short events, int timeoutMilliseconds)
    {
        var polled = new Polled { Descriptor = descriptor, Events = events };
        return Poll(ref polled, 1, timeoutMilliseconds) > 0 ? polled.Happened : (short)0;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref Polled polled, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
