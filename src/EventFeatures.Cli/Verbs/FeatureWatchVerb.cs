using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>features watch</c>: prints an entity's features whenever its rows change.</summary>
internal static class FeatureWatchVerb
{
    private const int CombinationsMax = 1_000;

    public static Command Create()
    {
        var service = new Option<string>("--service") { Description = "A feature service, for example fraud@v1.", HelpName = "NAME", Required = true };
        var entities = new Option<string[]>("--entity")
        {
            Description = "Whose changes, for example card=4929; may be given again, of several names every combination is watched. Default: every entity.",
            HelpName = "NAME=KEY",
        };
        var context = ContextOption.Create();
        var after = new Option<ulong?>("--after") { Description = "Go on after this position: an earlier watch's last one, or an append's answer. Default: what changes from now on.", HelpName = "P" };
        var count = new Option<long?>("--count") { Description = "End after so many changes. Default: when you end it.", HelpName = "N" };
        return new Command("watch", "Print an entity's features whenever its rows change; Ctrl+C ends it and says where to go on.") { service, entities, context, after, count }
            .Does(async (invocation, cancellation) =>
            {
                var request = new SubscribeRequest { Service = invocation.Get(service), Entities = { Combine(invocation.Get(entities) ?? []) } };
                var typed = ContextOption.Typed(invocation.Get(context));
                if (invocation.Get(after) is { } position) request.After = position;
                if (invocation.Get(count) is < 1) throw new UsageException("--count is how many changes to wait for: 1 or more.");
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                request.Context.Add(await ContextOption.ReadAsync(typed, () => SpineColumns.OfServiceAsync(api, invocation.Get(service)!, cancellation)).ConfigureAwait(false));
                ulong? reached = null;
                try
                {
                    await StandardOutput.WhileReadAsync(
                        invocation.Out, token => WatchAsync(api, request, invocation.Get(count) ?? long.MaxValue, invocation, position => reached = position, token), cancellation).ConfigureAwait(false);
                }
                catch (OutputClosedException)
                {
                    // Whoever closed the output wants no more, and may not have read all that was printed.
                    reached = null;
                    throw;
                }
                finally
                {
                    if (reached is { } last)
                        await invocation.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"next: {invocation.Next("features watch")} --service {request.Service} --after {last}")).ConfigureAwait(false);
                }
            });
    }

    /// <summary>Prints what comes, and tells each position once all before it is printed.</summary>
    private static async Task WatchAsync(
        ApiSession api, SubscribeRequest request, long countMax, Invocation invocation, Action<ulong> reached, CancellationToken cancellation)
    {
        try
        {
            using var call = api.Features.Subscribe(request, cancellationToken: cancellation);
            await foreach (var message in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (message.Update is not null) invocation.Print(message, Print);
                reached(message.Position);
                if (message.Update is not null && --countMax == 0) break;
            }
        }
        catch (RpcException ended) when (ended.StatusCode == StatusCode.Cancelled && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    private static void Print(TextWriter writer, SubscribeResponse message)
    {
        var update = message.Update;
        var whose = string.Join(' ', update.Entities.OrderBy(entity => entity.Key, StringComparer.Ordinal).Select(entity => $"{entity.Key}={entity.Value}"));
        var coalesced = update.Coalesced > 0 ? string.Create(CultureInfo.InvariantCulture, $", standing for {update.Coalesced:N0} earlier changes as well") : "";
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{whose} changed at position {update.ChangedAt}, as of {update.Features.AsOf}{coalesced}"));
        FeatureTable.Print(writer, update.Features.Features);
    }

    /// <summary>Of <c>card=1 card=2 merchant=9</c>: card 1 with merchant 9, and card 2 with merchant 9.</summary>
    internal static IReadOnlyList<SubscribedEntity> Combine(IReadOnlyList<string> pairs)
    {
        var named = pairs.Select(pair => KeyValueOption.Parse("--entity", [pair]).Single()).Distinct().GroupBy(pair => pair.Key, pair => pair.Value).ToList();
        if (named.Count == 0) return [];
        List<SubscribedEntity> combined = [new()];
        foreach (var name in named)
        {
            if (combined.Count * name.Count() > CombinationsMax)
                throw new UsageException($"These are more than {CombinationsMax} combinations of entities. Name fewer, or leave --entity out to watch every entity.");
            combined = [.. combined.SelectMany(one => name.Select(key => new SubscribedEntity { Keys = { one.Keys, new Dictionary<string, string> { [name.Key] = key } } }))];
        }
        return combined;
    }
}
