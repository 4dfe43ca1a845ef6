using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>log</c>: what is done with the log as a whole.</summary>
internal static class LogVerb
{
    /// <summary>Names the log to copy to, password and all, where other accounts of the machine cannot read it.</summary>
    public const string CopyToVariable = "EVENTFEATURES_COPY_TO";

    public static Command Create() => new("log", "Look after the log as a whole.") { Scavenge(), Copy(), Position() };

    private static Command Copy()
    {
        var to = new Option<string?>("--to")
        {
            Description = $"The log to copy to, as a connection string of EventStoreDB. Every account of this machine can see what is typed: give one with a password as ${CopyToVariable} instead. Default: ${CopyToVariable}.",
            HelpName = "esdb://…",
        };
        var verify = new Option<bool>("--verify") { Description = "Copy nothing, but read all that was copied before and compare its digests." };
        var reason = new Option<string>("--reason") { Description = "Why, for the record.", HelpName = "TEXT" };
        return new Command("copy", "Copy the log into another one, with every id, revision and byte, and note there where each position came to lie. Run again, it copies on.") { to, verify, reason }
            .Does(async (invocation, cancellation) =>
            {
                var target = invocation.Get(to) ?? Environment.GetEnvironmentVariable(CopyToVariable);
                if (string.IsNullOrEmpty(target)) throw new UsageException($"Neither --to nor ${CopyToVariable} names the log to copy to. Give its connection string as one of them.");
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var request = new CopyLogRequest { To = target, VerifyOnly = invocation.Get(verify), Reason = invocation.Get(reason) ?? "", Actor = invocation.Actor };
                var done = await RunAsync(api, request, invocation, cancellation).ConfigureAwait(false);
                invocation.Print(done, (writer, result) => Print(writer, result, request.VerifyOnly));
            });
    }

    private static Command Position()
    {
        var there = new Argument<long>("POSITION") { Description = "A position of the log that was copied into this one: a checkpoint, a consistency token." };
        return new Command("position", "Say where a position of the log that was copied into this one lies here.") { there }
            .Does(async (invocation, cancellation) =>
            {
                if (invocation.Get(there) is not (>= 0 and var position)) throw new UsageException("A position is 0 or more.");
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Maintenance.TranslatePositionAsync(new TranslatePositionRequest { Position = (ulong)position }, cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, (writer, here) => writer.WriteLine(here.Position));
            });
    }

    private static async Task<CopyLogResult> RunAsync(ApiSession api, CopyLogRequest request, Invocation invocation, CancellationToken cancellation)
    {
        using var progress = invocation.Progress(request.VerifyOnly ? "verify" : "copy");
        return await api.Maintenance.CopyLog(request, cancellationToken: cancellation).ResultAsync(
            report => report.Progress is { } now ? progress.Show<CopyLogResult>(now) : report.Done, "; it copies on", cancellation).ConfigureAwait(false);
    }

    private static void Print(TextWriter writer, CopyLogResult done, bool verified)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(verified ? "verified" : "copied  ")}  {done.Events:N0} events, through position {done.ThroughPosition}"));
        writer.WriteLine($"digest    sha256 {done.Digest}, equal on both sides");
        writer.WriteLine($"map       {done.MapStream}");
        if (done.Placeholders > 0) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"removed   {done.Placeholders:N0} events that a scavenge took have a placeholder"));
        if (done.Skipped > 0) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"skipped   {done.Skipped:N0} events of the server's own streams, such as persistent subscriptions: make these anew"));
    }

    private static Command Scavenge()
    {
        var reason = new Option<string>("--reason") { Description = "Why, for the record.", HelpName = "TEXT" };
        return new Command("scavenge", "Free the room of events that no read of their streams can show any more, while the server runs. No position or revision changes.") { reason }
            .Does(async (invocation, cancellation) =>
            {
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var request = new ScavengeRequest { Reason = invocation.Get(reason) ?? "", Actor = invocation.Actor };
                var done = await RunAsync(api, request, invocation, cancellation).ConfigureAwait(false);
                invocation.Print(done, Print);
                return done.PartsLeft.Count == 0 ? ExitCode.Done : ExitCode.Refused;
            });
    }

    private static async Task<ScavengeResult> RunAsync(ApiSession api, ScavengeRequest request, Invocation invocation, CancellationToken cancellation)
    {
        using var progress = invocation.Progress("scavenge");
        return await api.Maintenance.Scavenge(request, cancellationToken: cancellation).ResultAsync(
            report => report.Progress is { } now ? progress.Show<ScavengeResult>(now) : report.Done, "; what was done stays done", cancellation).ConfigureAwait(false);
    }

    private static void Print(TextWriter writer, ScavengeResult done)
    {
        writer.WriteLine(done.EventsRemoved == 0
            ? "Nothing was removed."
            : string.Create(CultureInfo.InvariantCulture, $"removed  {done.EventsRemoved:N0} events with {done.BytesRemoved / 1e6:N1} MB of data"));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"disk     {done.DiskBytesFreed / 1e6:N1} MB freed in {done.PartsRewritten} {(done.PartsRewritten == 1 ? "part" : "parts")} of the log"));
        if (done.StreamsKept > 0)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kept     {done.StreamsKept:N0} streams that replay or an audit needs have retention set, and keep everything all the same"));
        foreach (var left in done.PartsLeft) writer.WriteLine($"left     {left}");
    }
}
