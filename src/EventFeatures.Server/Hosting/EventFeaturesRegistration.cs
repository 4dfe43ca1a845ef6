using EventFeatures.Application.Events.Moving;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Inference.Scoring;
using EventFeatures.Inference.Training;
using EventFeatures.Log.Client;
using EventFeatures.Server.Api;
using EventFeatures.Views.FeatureViews;
using EventFeatures.Views.TrainingSets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using DefinitionRegistry = EventFeatures.Application.Definitions.Registry;

namespace EventFeatures.Server.Hosting;

/// <summary>Adds the whole system, but for its API, to a container.</summary>
public static class EventFeaturesRegistration
{
    /// <summary>
    /// Registers every part behind its port, and a hosted service that starts the registry and the projections.
    /// </summary>
    /// <exception cref="ConfigurationInvalidException">Values are missing or cannot be used; lists all of them.</exception>
    public static IServiceCollection AddEventFeatures(this IServiceCollection services, Action<EventFeaturesBuilder> configure)
    {
        var features = new EventFeaturesBuilder();
        configure(features);
        features.Validate();
        var modelFolder = Path.GetFullPath(features.ModelFolder!);
        var trainingSetFolder = features.TrainingSetFolder ?? Path.Combine(Path.GetDirectoryName(modelFolder) ?? modelFolder, "training-sets");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ServingSettings(features.LagMax, trainingSetFolder));
        services.AddSingleton(features.Predictions);
        services.AddSingleton(provider => EventStoreLog.Connect(features.LogConnection!, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new RawLog(provider.GetRequiredService<EventStoreLog>()));
        services.AddSingleton<IEventLog>(provider => new MovedLog(provider.GetRequiredService<RawLog>().Log, provider.GetRequiredService<PositionMaps>()));
        services.AddSingleton<ILogConnector>(provider => new LogConnector(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(_ => NpgsqlDataSource.Create(features.Postgres!));
        services.AddSingleton(provider => new DefinitionRegistry(provider.GetRequiredService<IEventLog>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IRegistry>(provider => provider.GetRequiredService<DefinitionRegistry>());
        services.AddSingleton(provider => new ProjectionHost(
            provider.GetRequiredService<IEventLog>(), provider.GetRequiredService<IRegistry>(), provider.GetRequiredService<NpgsqlDataSource>(),
            features.Views, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IOnlineViews>(provider => provider.GetRequiredService<ProjectionHost>());
        services.AddSingleton<IViewChanges>(provider => provider.GetRequiredService<ProjectionHost>());
        services.AddSingleton<IBatchViews>(provider => provider.GetRequiredService<ProjectionHost>().Batch);
        services.AddSingleton(provider => provider.GetRequiredService<ProjectionHost>().SharedWork);
        services.AddSingleton(features.Consistency);
        services.AddSingleton<IModelStore>(_ => new FileModelStore(modelFolder));
        services.AddSingleton<IScorer>(provider => new OnnxScorer(provider.GetRequiredService<IModelStore>()));
        services.AddSingleton<ITrainer>(_ => new LogisticRegressionTrainer());
        services.AddSingleton<ITrainingSetWriter, ParquetTrainingSetWriter>();
        services.AddSingleton<IViewExport>(provider =>
        {
            Directory.CreateDirectory(trainingSetFolder);
            return new ViewExport(provider.GetRequiredService<ProjectionHost>(), provider.GetRequiredService<NpgsqlDataSource>(), trainingSetFolder);
        });
        services.AddSingleton(provider => new TrainingSetFolder(trainingSetFolder, provider.GetRequiredService<TimeProvider>()));
        services.AddEventFeaturesApplication();
        services.AddSingleton<SwitchesOnceCaughtUp>();
        services.AddHostedService<FeatureSystem>();
        services.AddHostedService<ConsistencyService>();
        return services;
    }
}
