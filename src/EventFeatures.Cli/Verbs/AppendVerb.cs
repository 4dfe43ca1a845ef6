using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using Google.Protobuf;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>append</c>: appends one event from the command line, or many from a file.</summary>
internal static class AppendVerb
{
    public static Command Create()
    {
        var stream = new Option<string?>("--stream") { Description = "The stream, category-key, for example card-4929.", HelpName = "NAME" };
        var type = new Option<string?>("--type") { Description = "The event's type, for example PaymentAuthorised.", HelpName = "TYPE" };
        var data = new Option<string?>("--data") { Description = "The payload, as JSON.", HelpName = "JSON" };
        var id = new Option<string?>("--id") { Description = "The event's id, a UUID; appending it again changes nothing. Default: a new one.", HelpName = "UUID" };
        var occurredAt = new Option<string?>("--occurred-at") { Description = "When it happened, where the contract names no field for that.", HelpName = "TIME" };
        var file = new Option<string?>("--file")
        {
            Description = "A file of events, a line each: {\"stream\": …, \"type\": …, \"id\": …, \"time\": …, \"data\": {…}}; - for standard input.",
            HelpName = "FILE.jsonl",
        };
        return new Command("append", "Append events: one from the options, or many from a file.") { stream, type, data, id, occurredAt, file }
            .Does(async (invocation, cancellation) =>
            {
                if (invocation.Get(file) is { } path)
                {
                    await using var many = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                    await EventFile.AppendAsync(many, path, invocation, cancellation).ConfigureAwait(false);
                    return;
                }
                var request = new AppendRequest
                {
                    Stream = invocation.Get(stream) ?? throw new UsageException("Name the stream with --stream, or a file of events with --file."),
                    Events =
                    {
                        new Event
                        {
                            Type = invocation.Get(type) ?? throw new UsageException("Name the event's type with --type."),
                            Data = ByteString.CopyFromUtf8(invocation.Get(data) ?? throw new UsageException("Give the payload with --data '{…}'.")),
                            EventId = invocation.Get(id) ?? Guid.NewGuid().ToString(),
                            OccurredAt = invocation.Get(occurredAt) ?? "",
                        },
                    },
                };
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Events.AppendAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
                Output.Printing.Print(invocation, answer, (writer, appended) =>
                    writer.WriteLine($"appended {request.Events[0].EventId} to {request.Stream} at revision {appended.Revision}, position {appended.Position}"));
            });
    }
}
