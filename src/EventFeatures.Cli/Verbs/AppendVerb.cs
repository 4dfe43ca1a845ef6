using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using Google.Protobuf;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>append</c>: appends one event from the command line, or many from a file.</summary>
internal static class AppendVerb
{
    private static readonly Option<string?> Stream = new("--stream") { Description = "The stream, category-key, for example card-4929.", HelpName = "NAME" };
    private static readonly Option<string?> Type = new("--type") { Description = "The event's type, for example PaymentAuthorised.", HelpName = "TYPE" };
    private static readonly Option<string?> Data = new("--data") { Description = "The payload, as JSON.", HelpName = "JSON" };
    private static readonly Option<string?> Id = new("--id") { Description = "The event's id, a UUID; appending it again changes nothing. Default: a new one.", HelpName = "UUID" };
    private static readonly Option<string?> OccurredAt = new("--occurred-at") { Description = "When it happened, where the contract names no field for that.", HelpName = "TIME" };
    private static readonly Option<string?> FromFile = new("--file")
    {
        Description = "A file of events, a line each: {\"stream\": …, \"type\": …, \"id\": …, \"time\": …, \"data\": {…}}; - for standard input.",
        HelpName = "FILE.jsonl",
    };

    public static Command Create()
    {
        var command = new Command(
            "append",
            "Append events: one from the options, or many from a file. Exit code 1 when an event went to quarantine.")
            { Stream, Type, Data, Id, OccurredAt, FromFile };
        return command.Does(async (invocation, cancellation) =>
        {
            if (invocation.Get(FromFile) is not { } path) return await AppendOneAsync(RequestOf(invocation), invocation, cancellation).ConfigureAwait(false);
            foreach (var option in new[] { Stream, Type, Data, Id, OccurredAt })
                if (invocation.Get(option) is not null) throw new UsageException($"{option.Name} is for one event, but --file names many. Leave one of them out.");
            return await EventFileAppend.RunAsync(path, invocation, cancellation).ConfigureAwait(false);
        });
    }

    private static AppendRequest RequestOf(Invocation invocation) => new()
    {
        Producer = invocation.Actor,
        Stream = invocation.Get(Stream) ?? throw new UsageException("Name the stream with --stream, or a file of events with --file."),
        Events =
        {
            new Event
            {
                Type = invocation.Get(Type) ?? throw new UsageException("Name the event's type with --type."),
                Data = ByteString.CopyFromUtf8(invocation.Get(Data) ?? throw new UsageException("Give the payload with --data '{…}'.")),
                EventId = invocation.Get(Id) ?? Guid.NewGuid().ToString(),
                OccurredAt = invocation.Get(OccurredAt) ?? "",
            },
        },
    };

    private static async Task<int> AppendOneAsync(AppendRequest request, Invocation invocation, CancellationToken cancellation)
    {
        await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
        var answer = await api.Events.AppendAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
        var appended = answer.Events[0];
        var quarantined = appended.Verdict == AppendVerdict.Quarantined;
        if (invocation.Json) invocation.Print(answer, (_, _) => { });
        else if (quarantined) await invocation.Error.WriteLineAsync(QuarantineText.Of(appended, request.Stream)).ConfigureAwait(false);
        else await invocation.Out.WriteLineAsync($"appended {appended.EventId} to {appended.Stream} at revision {appended.Revision}, position {appended.Position}").ConfigureAwait(false);
        return quarantined ? ExitCode.Refused : ExitCode.Done;
    }
}
