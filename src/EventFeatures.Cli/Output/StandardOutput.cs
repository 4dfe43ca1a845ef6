namespace EventFeatures.Cli.Output;

/// <summary>This process's standard output, which notices when its reader goes. Safe for any number of threads.</summary>
internal static class StandardOutput
{
    private const int Descriptor = 1;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // A terminal is written through the console, which knows how; nobody closes it behind our back.
    private static readonly OutputPipe? Pipe = OperatingSystem.IsWindows() || !Console.IsOutputRedirected ? null : new OutputPipe(Descriptor);

    public static TextWriter Writer { get; } = Pipe is null
        ? Console.Out
        : TextWriter.Synchronized(new StreamWriter(Pipe, Console.OutputEncoding, bufferSize: 4096) { AutoFlush = true });

    /// <summary>Does work that may print nothing for long, and ends it soon after the reader of its output has gone.</summary>
    /// <param name="writer">What it prints to; of another than <see cref="Writer"/> only a write tells.</param>
    /// <param name="work">The work; its token ends it.</param>
    /// <param name="cancellation">Ends the work as well.</param>
    /// <exception cref="OutputClosedException">The reader has gone.</exception>
    public static Task WhileReadAsync(TextWriter writer, Func<CancellationToken, Task> work, CancellationToken cancellation) =>
        Pipe is not null && ReferenceEquals(writer, Writer) ? WhileAsync(() => !Pipe.IsClosed, Look, work, cancellation) : work(cancellation);

    /// <summary>The same for any output.</summary>
    internal static async Task WhileAsync(Func<bool> isRead, TimeSpan look, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var working = work(over.Token);
        while (await Task.WhenAny(working, Task.Delay(look, CancellationToken.None)).ConfigureAwait(false) != working)
        {
            if (isRead()) continue;
            await over.CancelAsync().ConfigureAwait(false);
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new OutputClosedException();
        }
        await working.ConfigureAwait(false);
    }
}
