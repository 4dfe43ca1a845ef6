using System.CommandLine;
using System.Globalization;
using System.Text;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>quarantine</c>: events that are kept aside, and what is done about them.</summary>
internal static class QuarantineVerb
{
    private const int PageSize = 500;

    public static Command Create() => new("quarantine", "See events that could not be used, and re-drive or discard them.") { List(), Show(), Redrive(), Discard() };

    private static Option<string?> Contract() => new("--contract") { Description = "Only of this contract, for example payments.authorisation. Default: of every contract.", HelpName = "NAME" };

    private static Command List()
    {
        var contract = Contract();
        var closed = new Option<bool>("--closed") { Description = "Those too that were re-driven or discarded." };
        return new Command("list", "List the events that are kept aside and still open, oldest first.") { contract, closed }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var request = new ListQuarantineRequest { Contract = invocation.Get(contract) ?? "", IncludeClosed = invocation.Get(closed), Limit = PageSize };
            var count = 0;
            var (unreadable, first) = (0L, 0UL);
            do
            {
                var page = await api.Quarantine.ListQuarantineAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
                foreach (var entry in page.Entries) invocation.Print(entry, (writer, one) => writer.WriteLine($"{one.Id}  {one.State,-9}  {one.Contract}  {one.Stream}  {one.Code}"));
                count += page.Entries.Count;
                unreadable += page.Unreadable;
                if (first == 0) first = page.UnreadablePosition;
                request.After = page.Next;
            }
            while (request.After.Length > 0);
            // Beside the entries, so that it is said with --json too.
            if (unreadable > 0) await invocation.Error.WriteLineAsync(LeftOut(unreadable, first)).ConfigureAwait(false);
            if (invocation.Json) return;
            await invocation.Error.WriteLineAsync(count == 0
                ? "No event is kept aside."
                : string.Create(CultureInfo.InvariantCulture, $"{count:N0} events. Next: {invocation.Next("quarantine show")} ID")).ConfigureAwait(false);
        });
    }

    private static Command Show()
    {
        var id = new Argument<string>("ID") { Description = "The entry's id, as 'list' prints it, or the event's own." };
        return new Command("show", "Show one event with its reason, its bytes and what was done about it.") { id }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var answer = await api.Quarantine.GetQuarantinedAsync(new GetQuarantinedRequest { Id = invocation.Get(id) }, cancellationToken: cancellation).ConfigureAwait(false);
            foreach (var entry in answer.Entries) invocation.Print(entry, (writer, one) => Print(writer, one, invocation));
        });
    }

    private static Command Redrive() =>
        Resolve("redrive", "Check events again against the contract as it is now, and append those that pass to their own streams with their own ids.", false,
            (api, request, cancellation) => api.Quarantine.Redrive(request, cancellationToken: cancellation));

    private static Command Discard() =>
        Resolve("discard", "Close events without using them; their bytes stay in the log.", true,
            (api, request, cancellation) => api.Quarantine.Discard(request, cancellationToken: cancellation));

    private static Command Resolve(
        string name, string description, bool needsReason, Func<ApiSession, ResolveQuarantinedRequest, CancellationToken, AsyncServerStreamingCall<ResolveQuarantinedResponse>> start)
    {
        var id = new Argument<string?>("ID") { Description = "The entry's id, as 'list' prints it, or the event's own.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Every event that is open." };
        var contract = Contract();
        contract.Description = "With --all: only of this contract.";
        var reason = new Option<string?>("--reason") { Description = "Why, for the record.", HelpName = "TEXT", Required = needsReason };
        return new Command(name, description) { id, all, contract, reason }.Does(async (invocation, cancellation) =>
        {
            if (invocation.Get(id) is null != invocation.Get(all)) throw new UsageException($"Name one event, or say --all for every one that is open: {name} ID or {name} --all.");
            if (invocation.Get(contract) is not null && !invocation.Get(all)) throw new UsageException("--contract chooses among all events; with an id leave it out.");
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var request = new ResolveQuarantinedRequest
            {
                Id = invocation.Get(id) ?? "", Contract = invocation.Get(contract) ?? "", Reason = invocation.Get(reason) ?? "", Actor = invocation.Actor,
            };
            return await RunAsync(start(api, request, cancellation), invocation, name, cancellation).ConfigureAwait(false);
        });
    }

    private static async Task<int> RunAsync(AsyncServerStreamingCall<ResolveQuarantinedResponse> resolving, Invocation invocation, string name, CancellationToken cancellation)
    {
        using var call = resolving;
        using var progress = invocation.Progress(name);
        var count = 0L;
        QuarantineSummary? summary = null;
        await foreach (var resolved in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (resolved.Summary is not null) summary = resolved.Summary;
            if (resolved.Result is null) continue;
            progress.Report(++count, 0);
            invocation.Print(resolved.Result, (writer, one) => writer.WriteLine($"{one.Entry.Id}  {one.State,-9}  {one.Entry.Stream}  {one.Detail}{(one.Code.Length > 0 ? $" [{one.Code}]" : "")}"));
        }
        if (summary is null) throw new RpcException(new Status(StatusCode.Unavailable, "The call ended before all events were done. Run the command again; what was done stays done."));
        if (invocation.Json) invocation.Print(summary, (_, _) => { });
        else await invocation.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}: {summary.Done:N0} done, {summary.Failed:N0} failed")).ConfigureAwait(false);
        if (summary.Unreadable > 0) await invocation.Error.WriteLineAsync(LeftOut(summary.Unreadable, summary.UnreadablePosition)).ConfigureAwait(false);
        return summary.Failed == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static string LeftOut(long count, ulong first) => string.Create(
        CultureInfo.InvariantCulture, $"{count:N0} events of quarantines are left out because they cannot be read, the first at position {first}. Find out who else appends to the log.");

    private static void Print(TextWriter writer, QuarantineEntry entry, Invocation invocation)
    {
        writer.WriteLine($"entry     {entry.Id}  {entry.State}, position {entry.Position}, since {entry.QuarantinedAt}");
        writer.WriteLine($"event     {entry.EventId}  {entry.Type} {(entry.LoggedAt > 0 ? $"in {entry.Stream} at position {entry.LoggedAt}, where no view counts it" : $"meant for {entry.Stream}, which does not hold it")}");
        writer.WriteLine($"contract  {entry.Contract}");
        writer.WriteLine($"why       {entry.Detail} [{entry.Code}]");
        foreach (var attempt in entry.Attempts)
            writer.WriteLine($"{attempt.At}  {attempt.Type} by {attempt.By}{(attempt.Why.Length > 0 ? $": {attempt.Why}" : "")}{(attempt.Detail.Length > 0 ? $"  ({attempt.Detail})" : "")}");
        writer.WriteLine($"data      {TextOf(entry.Data.Span)}");
        if (entry.State == "open") writer.WriteLine($"next: {invocation.Next($"quarantine redrive {entry.Id}")}");
    }

    /// <summary>What is no text is shown as hexadecimal digits.</summary>
    private static string TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Convert.ToHexStringLower(bytes);
        }
    }
}
