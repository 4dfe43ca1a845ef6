using System.Runtime.CompilerServices;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureServices.Subscriptions;

/// <summary>
/// Sends an entity's vector whenever its rows change, until it is cancelled. The log itself says what changes, so that it
/// does not matter which worker projects an entity, and a subscriber can go on where an earlier one ended.
/// </summary>
/// <param name="Service">A feature service, <c>name@v1</c> or <c>name</c> for its newest version at the start.</param>
public sealed record SubscribeFeatures(string Service) : IRequest<IAsyncEnumerable<ServiceUpdate>>
{
    /// <summary>How many sets of entities one subscription may name.</summary>
    public const int EntitiesMax = 1_000;

    /// <summary>Whose changes, each with all keys that the service needs; empty for those of every entity, which a service of one entity allows.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Entities { get; init; } = [];

    /// <summary>What the request would have brought, the same for every vector.</summary>
    public IReadOnlyDictionary<string, Value> Context { get; init; } = new Dictionary<string, Value>();

    /// <summary>The position after which changes are sent; null: from now on.</summary>
    public Position? After { get; init; }

    /// <summary>How long without a change before a heartbeat. 1 s to 5 min. Default: 10 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a subscriber is sent.</summary>
/// <param name="Position">Where to go on: every change up to it was sent. Some after it may have been sent too, and are then sent again.</param>
/// <param name="Change">The vector that changed; null in a heartbeat.</param>
public sealed record ServiceUpdate(Position Position, ServiceChange? Change);

/// <summary>A vector that changed.</summary>
/// <param name="Entities">The keys by entity name.</param>
/// <param name="Answer">The vector, as of when it was sent.</param>
/// <param name="ChangedAt">The newest change that it answers; the values may know of later ones.</param>
/// <param name="Coalesced">How many earlier changes it stands for as well.</param>
public sealed record ServiceChange(IReadOnlyDictionary<string, string> Entities, FeaturesAnswer Answer, Position ChangedAt, long Coalesced);

internal sealed class SubscribeFeaturesValidator : AbstractValidator<SubscribeFeatures>
{
    public SubscribeFeaturesValidator()
    {
        RuleFor(query => query.Service).NotEmpty().WithMessage("Name the feature service.");
        RuleFor(query => query.Entities.Count).LessThanOrEqualTo(SubscribeFeatures.EntitiesMax).OverridePropertyName("entities")
            .WithMessage(query => $"There are {query.Entities.Count} sets of entities; one subscription takes at most {SubscribeFeatures.EntitiesMax}. Split them, or subscribe to all.");
        RuleForEach(query => query.Entities).Must(entity => entity.Count > 0).WithMessage("Give each set at least one key.");
        RuleFor(query => query.Heartbeat).InclusiveBetween(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)).WithMessage("A heartbeat comes every 1 to 300 s.");
    }
}

internal sealed class SubscribeFeaturesHandler(
    IRegistry registry, IOnlineViews online, IBatchViews batch, IEventLog log, SubscriptionPlaces places, SubscriptionOptions options, TimeProvider clock)
    : IRequestHandler<SubscribeFeatures, IAsyncEnumerable<ServiceUpdate>>
{
    private readonly FeatureReader _reader = new(online, batch);

    public async Task<IAsyncEnumerable<ServiceUpdate>> Handle(SubscribeFeatures request, CancellationToken cancellationToken)
    {
        // What is wrong is said before the answer begins.
        var service = ServiceCatalog.Find(registry.Current, request.Service);
        var context = FeatureReader.Context(nameof(SubscribeFeatures), service, request.Context);
        var wanted = request.Entities.Count == 0 ? All(service) : [.. request.Entities.Select(entity => FeatureReader.Keys(nameof(SubscribeFeatures), service, entity))];
        var start = request.After ?? await log.ReadHeadAsync(cancellationToken) ?? Position.Start;
        return RunAsync(new ChangeRoutes(service, wanted), service, context, start, request.Heartbeat, cancellationToken);
    }

    private static IReadOnlyList<IReadOnlyList<string>>? All(CompiledService service)
    {
        var entities = service.Views.Select(view => view.Entity.Name).Distinct().ToList();
        return entities.Count == 1 ? null : throw new CommandInvalidException(nameof(SubscribeFeatures), [new CommandFailure(
            "entities", $"The service {service.Service.Reference} reads {string.Join(" and ", entities)} together, so a change of one does not tell which of the others is wanted with it. Name the entities.")]);
    }

    private async IAsyncEnumerable<ServiceUpdate> RunAsync(
        ChangeRoutes routes, CompiledService service, IReadOnlyList<Value> context, Position start, TimeSpan heartbeat, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var place = places.Take();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var queue = new ChangeQueue(options.WaitingMax, start);
        var reading = Task.Run(() => ReadLogAsync(routes, queue, start, ended.Token), CancellationToken.None);
        try
        {
            yield return new ServiceUpdate(start, null);
            while (true)
            {
                var change = await queue.TakeAsync(heartbeat, cancellation);
                var sent = change is null ? null : await ReadAsync(service, context, change, cancellation);
                yield return new ServiceUpdate(queue.Done, sent);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadLogAsync(ChangeRoutes routes, ChangeQueue queue, Position after, CancellationToken cancellation)
    {
        try
        {
            await foreach (var message in log.SubscribeToAll(after == Position.Start ? FromAll.Start : FromAll.After(after), routes.Filter, cancellation))
            {
                if (message is LogMessage.Checkpoint checkpoint) queue.ReadUpTo(checkpoint.Position);
                if (message is not LogMessage.Event { Recorded: var recorded }) continue;
                foreach (var keys in routes.Of(recorded)) await queue.AddAsync(keys, recorded.Position, cancellation);
                queue.ReadUpTo(recorded.Position);
            }
            queue.Fail(new LogUnavailableException("The log ended the subscription. Subscribe again after the last position."));
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            queue.Fail(failure);
        }
    }

    private async Task<ServiceChange> ReadAsync(CompiledService service, IReadOnlyList<Value> context, WaitingChange change, CancellationToken cancellation)
    {
        var asOf = Instant.FromDateTimeOffset(clock.GetUtcNow());
        var reading = await _reader.ReadAsync(service, change.Keys, context, asOf, null, change.Newest, cancellation);
        ApplicationTelemetry.SubscriptionUpdates.Add(1);
        if (change.Coalesced > 0) ApplicationTelemetry.SubscriptionCoalesced.Add(change.Coalesced);
        var entities = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < change.Keys.Count; i++)
        {
            var entity = service.Views[i].Entity;
            var parts = EntityKeys.Split(entity, change.Keys[i]);
            for (var part = 0; part < parts.Count; part++) entities[parts.Count == 1 ? entity.Name : entity.Keys[part].Name] = parts[part];
        }
        return new ServiceChange(entities, FeaturesAnswer.Of(asOf, service, reading, online), change.Newest, change.Coalesced);
    }
}
