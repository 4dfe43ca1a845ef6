using System.CommandLine;
using System.Text.Json;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.Events;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>up</c>: runs everything in the foreground until it is told to stop.</summary>
internal static class UpVerb
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "The API's port, for gRPC and HTTP. Default: a free one.", HelpName = "N" };
        var logPort = new Option<int>("--log-port") { Description = "The event log's port, for any EventStoreDB client. Default: a free one.", HelpName = "N" };
        var quotas = new Option<string?>("--producer-quotas")
        {
            Description = "How much each producer may append, a YAML file: default: { eventsPerSecond: 1000, bytesPerSecond: 1048576, burst: 5s }, and under producers: the same by name. A producer is whoever an append says it is. Default: no limit.",
            HelpName = "FILE",
        };
        var noCheck = new Option<bool>("--no-consistency-check") { Description = "Do not compare what is served with the batch views in the background, which takes a twentieth of the time at most." };
        var serveOnly = new Option<bool>("--serve-only")
        {
            Description = "Project nothing: answer from what the servers that project have committed, by their log and database ($EVENTFEATURES_LOG, $EVENTFEATURES_POSTGRES). Reads are then as old as the last commit, half a second as a rule; a consistency token waits for it.",
        };
        var command = new Command("up", "Start the database, the event log, the projections and the API, and run until Ctrl+C.") { port, logPort, quotas, noCheck, serveOnly };
        var access = new LogAccessOptions();
        access.AddTo(command);
        foreach (var option in new[] { port, logPort })
            option.Validators.Add(result =>
            {
                if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var number) && number is < 0 or > 65535)
                    result.AddError($"{result.IdentifierToken?.Value} takes a port from 0 to 65535, not {number}.");
            });
        return command.Does(async (invocation, cancellation) =>
        {
            await using var server = await LocalServer.StartAsync(
                invocation.Home, invocation.Get(port), invocation.Get(logPort), cancellation, access.Read(invocation), QuotasOf(invocation.Get(quotas)), !invocation.Get(noCheck), invocation.Get(serveOnly)).ConfigureAwait(false);
            Announce(invocation, server);
            var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellation.Register(stop.SetResult).ConfigureAwait(false);
            await stop.Task.ConfigureAwait(false);
            if (!invocation.Json) await invocation.Error.WriteLineAsync("Stopping...").ConfigureAwait(false);
        });
    }

    private static ProducerQuotas? QuotasOf(string? file) =>
        file is null ? null : ProducerQuotas.Parse(new DefinitionFile(file, UserFile.ReadText(file, DefinitionFilesArgument.FileBytesMax)));

    private static void Announce(Invocation invocation, LocalServer server)
    {
        var host = server.Host;
        if (invocation.Json)
        {
            invocation.Out.WriteLine(JsonSerializer.Serialize(new { ready = true, log = host.LogConnectionString, api = host.ApiAddress, home = server.Home }));
        }
        else
        {
            // At once, so that a reader who leaves after the line that it wants does not take the server with it.
            invocation.Out.WriteLine(string.Join(Environment.NewLine,
                $"log   {host.LogConnectionString}",
                $"api   {host.ApiAddress}  (gRPC and HTTP)",
                $"home  {server.Home}",
                $"Ready. Ctrl+C stops it. Next, in another terminal: {Invocation.CommandName} apply FILES --home {server.Home}"));
        }
        invocation.Out.Flush();
    }
}
