using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices.Subscriptions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using Grpc.Core;
using MediatR;

namespace EventFeatures.Server.Api;

/// <summary>Sends subscribers what changes, as fast as they read and no longer than they do.</summary>
internal sealed class FeatureSubscriptions(IMediator mediator, SubscriptionOptions options, TimeProvider time)
{
    public async Task RunAsync(SubscribeRequest request, IServerStreamWriter<SubscribeResponse> responses, CancellationToken cancellation)
    {
        var query = new SubscribeFeatures(request.Service)
        {
            Entities = [.. request.Entities.Select(entity => new Dictionary<string, string>(entity.Keys, StringComparer.Ordinal))],
            Context = request.Context.ToValues("context"),
            After = request.HasAfter ? new Position(request.After) : null,
        };
        if (request.HeartbeatSeconds != 0) query = query with { Heartbeat = TimeSpan.FromSeconds(request.HeartbeatSeconds) };
        var updates = await mediator.Send(query, cancellation);
        Position? sent = query.After;
        await foreach (var update in updates.WithCancellation(cancellation))
        {
            await SendAsync(responses, update, sent, cancellation);
            sent = update.Position;
        }
    }

    private async Task SendAsync(IServerStreamWriter<SubscribeResponse> responses, ServiceUpdate update, Position? sent, CancellationToken cancellation)
    {
        try
        {
            await responses.WriteAsync(ToMessage(update), cancellation).WaitAsync(options.SendMax, time, cancellation);
        }
        catch (TimeoutException)
        {
            throw Decision.Rejected(
                "subscriber-too-slow", FormattableString.Invariant($"The subscriber took nothing for {options.SendMax.TotalSeconds:0.###} s."),
                $"Subscribe again after position {sent?.ToString() ?? "0"}, and read on while earlier messages are worked on, or name fewer entities.");
        }
    }

    private static SubscribeResponse ToMessage(ServiceUpdate update)
    {
        var message = new SubscribeResponse { Position = update.Position.Value };
        if (update.Change is not { } change) return message;
        message.Update = new FeatureUpdate { Features = change.Answer.ToMessage(), ChangedAt = change.ChangedAt.Value, Coalesced = change.Coalesced };
        message.Update.Entities.Add(new Dictionary<string, string>(change.Entities, StringComparer.Ordinal));
        return message;
    }
}
