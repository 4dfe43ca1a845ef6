using System.Diagnostics;

namespace EventFeatures.Testing.Specs;

/// <summary>A named pipe in place of a file: whoever opens it a second time waits for ever, as nobody writes to it again.</summary>
public static class PipedFile
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>Makes the pipe, which only this account may read, and writes a text to who opens it first.</summary>
    public static async Task MakeAsync(string path, string text)
    {
        using var make = Process.Start("mkfifo", ["-m", "600", path]);
        await make.WaitForExitAsync();
        if (make.ExitCode != 0) throw new InvalidOperationException($"mkfifo {path} ended with {make.ExitCode}.");
        _ = Task.Run(() =>
        {
            using var end = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            end.Write(System.Text.Encoding.UTF8.GetBytes(text));
        });
    }

    /// <summary>Runs what reads pipes, as far as a reader that waits for ever lets it.</summary>
    /// <exception cref="TimeoutException">It did not end within a minute.</exception>
    public static Task<T> ReadAsync<T>(Func<T> read) => Task.Run(read).WaitAsync(Deadline);
}
