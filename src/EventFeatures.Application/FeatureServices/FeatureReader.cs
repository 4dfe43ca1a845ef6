using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.FeatureServices;

/// <summary>Reads a service's features for one set of entities, from the online views or, for a stated position, from the batch views.</summary>
internal sealed class FeatureReader(IOnlineViews online, IBatchViews batch)
{
    /// <summary>The entities' keys in the order of the service's views.</summary>
    /// <exception cref="CommandInvalidException">A key is missing.</exception>
    public static IReadOnlyList<string> Keys(string request, CompiledService service, IReadOnlyDictionary<string, string> entities)
    {
        List<CommandFailure>? failures = null;
        var keys = new string[service.Views.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            var view = service.Views[i];
            var key = EntityKeys.Find(view.Entity, entities);
            if (key is null)
                (failures ??= []).Add(new CommandFailure("entities", $"The key of entity '{view.Entity.Name}' is missing, which {view.Reference} needs. Give {string.Join(" and ", view.Entity.Keys.Select(part => part.Name))}."));
            keys[i] = key ?? "";
        }
        return failures is null ? keys : throw new CommandInvalidException(request, [.. failures.Distinct()]);
    }

    /// <summary>The context as the service declares it.</summary>
    /// <exception cref="CommandInvalidException">A field is unknown or of another type.</exception>
    public static IReadOnlyList<Value> Context(string request, CompiledService service, IReadOnlyDictionary<string, Value> context)
    {
        if (context.Count == 0 && service.Service.Context.Count == 0) return [];
        var failures = new List<CommandFailure>();
        var bound = service.BindContext(context, (field, message) => failures.Add(new CommandFailure("context." + field, message)));
        return failures.Count == 0 ? bound : throw new CommandInvalidException(request, failures);
    }

    /// <summary>Reads and assembles. Views are asked at once and answer mostly without waiting.</summary>
    /// <exception cref="ViewUnavailableException">A view cannot answer.</exception>
    public async Task<ServiceReading> ReadAsync(
        CompiledService service, IReadOnlyList<string> keys, IReadOnlyList<Value> context,
        Instant asOf, Position? knownAt, Position? minPosition, CancellationToken cancellation)
    {
        var pending = new ValueTask<ViewReading>[service.Views.Count];
        for (var i = 0; i < pending.Length; i++)
            pending[i] = knownAt is { } position
                ? ReadBatchAsync(service.Views[i], keys[i], asOf, position, cancellation)
                : online.ReadAsync(service.Views[i].Reference, keys[i], asOf, minPosition, cancellation);
        var readings = new IReadOnlyList<FeatureValue>[pending.Length];
        var uses = new ViewUse[pending.Length];
        Exception? failure = null;
        for (var i = 0; i < pending.Length; i++)
        {
            try
            {
                var reading = await pending[i];
                var view = service.Views[i];
                readings[i] = reading.Values;
                uses[i] = new ViewUse(
                    view.Reference, view.View.View.Digest, view.View.ContractDigest, view.Entity.Name, keys[i], reading.KnownAt);
            }
            catch (Exception exception)
            {
                // Every read is awaited, so that none outlives the request.
                failure ??= exception;
            }
        }
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return new ServiceReading(service.Assemble(readings, context), uses);
    }

    private async ValueTask<ViewReading> ReadBatchAsync(ServiceView view, string key, Instant asOf, Position knownAt, CancellationToken cancellation)
    {
        var rows = await batch.ReadEntityAsync(view.Reference, key, knownAt, cancellation);
        return new ViewReading(view.Reference, key, asOf, knownAt, view.View.Evaluate(rows, asOf));
    }
}

/// <summary>A service's inputs and the views that they were read from.</summary>
internal sealed record ServiceReading(ServiceVector Vector, IReadOnlyList<ViewUse> Views);
