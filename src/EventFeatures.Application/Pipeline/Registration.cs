using System.Reflection;
using EventFeatures.Application.Events;
using EventFeatures.Application.Events.Moving;
using EventFeatures.Application.FeatureServices.Precomputed;
using EventFeatures.Application.FeatureServices.Subscriptions;
using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Core.Events;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFeatures.Application.Pipeline;

/// <summary>Adds the use cases to a container.</summary>
public static class Registration
{
    /// <summary>
    /// Registers the mediator, its pipeline, and every handler and validator of this assembly. Handlers are
    /// singletons: they keep no state of a request, and what they need (the ports) are singletons too.
    /// </summary>
    public static IServiceCollection AddEventFeaturesApplication(this IServiceCollection services)
    {
        var assembly = Assembly.GetExecutingAssembly();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new PredictionOptions());
        services.TryAddSingleton(new TrainingSetOptions());
        services.TryAddSingleton(new PrecomputeOptions());
        services.TryAddSingleton<PrecomputedVectors>();
        services.TryAddSingleton<VectorKeeper>();
        services.TryAddSingleton(new SubscriptionOptions());
        services.TryAddSingleton(new ConsistencyWatchOptions());
        services.TryAddSingleton<ConsistencyWatch>();
        services.TryAddSingleton<SubscriptionPlaces>();
        services.TryAddSingleton<RecognisedRetries>();
        services.TryAddSingleton(provider => new RawLog(provider.GetRequiredService<IEventLog>()));
        services.TryAddSingleton(provider => new PositionMaps(provider.GetRequiredService<RawLog>().Log));
        services.TryAddSingleton<ServiceFactory>(provider => provider.GetService!);
        services.TryAddSingleton<IMediator, Mediator>();
        // The order is the order of execution: what is invalid is traced too.
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(TelemetryBehaviour<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(ValidationBehaviour<,>));
        services.AddValidatorsFromAssembly(assembly, ServiceLifetime.Singleton, includeInternalTypes: true);
        foreach (var type in assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }))
            foreach (var handled in type.GetInterfaces().Where(IsHandler))
                services.AddSingleton(handled, type);
        return services;
    }

    private static bool IsHandler(Type candidate) =>
        candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IRequestHandler<,>);
}
