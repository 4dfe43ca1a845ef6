using System.Text;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.Events;
using EventFeatures.Application.Models;
using EventFeatures.Application.Pipeline;
using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Time;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Events;
using EventFeatures.UnitTests.Definitions;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>The use cases over a log in memory, with the real pipeline, registry and kernels; only I/O is stood in for.</summary>
internal sealed class PredictionBench : IAsyncDisposable
{
    public static readonly Instant Noon = Instant.Parse("2026-01-31T12:00:00Z");

    private readonly ServiceProvider _services;

    private PredictionBench(PredictionOptions options, TrainingSetOptions trainingSets, Func<IEventLog, IEventLog>? bend)
    {
        Clock = new FakeTimeProvider(Noon.ToDateTimeOffset());
        Log = new InMemoryLog(Clock);
        Registry = new Registry(Log, TimeProvider.System);
        Views = new LogViews(Log, () => Registry.Current);
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Clock)
            .AddEventFeaturesApplication()
            .AddSingleton(options)
            .AddSingleton(trainingSets)
            .AddSingleton(bend?.Invoke(Log) ?? Log)
            .AddSingleton<IRegistry>(Registry)
            .AddSingleton<IOnlineViews>(Views)
            .AddSingleton<IBatchViews>(Views)
            .AddSingleton<IModelStore>(Models)
            .AddSingleton<IScorer>(Models)
            .AddSingleton<ITrainer>(Models)
            .AddSingleton<ITrainingSetWriter>(Files)
            .BuildServiceProvider();
    }

    public FakeTimeProvider Clock { get; }

    public InMemoryLog Log { get; }

    public Registry Registry { get; }

    public LogViews Views { get; }

    public WeightedModels Models { get; } = new();

    public LinesWriter Files { get; } = new();

    /// <summary>Applied definitions; with weights also a champion, whose inputs are count, mean and ratio. The use cases may get a bent log.</summary>
    public static async Task<PredictionBench> StartAsync(string[]? definitions = null, float[]? champion = null, PredictionOptions? options = null, TrainingSetOptions? trainingSets = null,
        Func<IEventLog, IEventLog>? bend = null)
    {
        var bench = new PredictionBench(options ?? new PredictionOptions(), trainingSets ?? new TrainingSetOptions(), bend);
        await bench.Registry.StartAsync().WaitAsync(TimeSpan.FromSeconds(20));
        await bench.ApplyAsync(definitions ?? [Yaml.Contract, Yaml.Entity, Yaml.View, Yaml.Service.With(", missing: refuse", ""), Yaml.Model]);
        if (champion is not null) await bench.PromoteAsync(champion);
        return bench;
    }

    public Task<T> SendAsync<T>(IRequest<T> request) => _services.GetRequiredService<IMediator>().Send(request);

    public Task ApplyAsync(params string[] texts) => SendAsync(new ApplyDefinitions(
        [.. texts.Select((text, index) => new DefinitionFile($"{index}.yaml", text))]) { By = "ada" });

    public async Task<ModelVersion> PromoteAsync(params float[] weights)
    {
        var registered = await SendAsync(new RegisterModel("fraud") { Onnx = WeightedModels.Model(weights), By = "ada" });
        await SendAsync(new PromoteModel("fraud", registered.Version.Version) { By = "grace" });
        return registered.Version;
    }

    /// <summary>One payment of a card, some minutes before (or after) noon; recorded then too, unless it says otherwise.</summary>
    public Task<AppendAnswer> PayAsync(string card, decimal amount, int minutes, Guid? eventId = null, int? recordedMinutes = null) =>
        SendAsync(new AppendEvents([Payment(card, amount, minutes, eventId, recordedMinutes)]) { Producer = "terminal" });

    public static AppendItem Payment(string card, decimal amount, int minutes, Guid? eventId = null, int? recordedMinutes = null) =>
        new($"card-{card}", "PaymentAuthorised", Encoding.UTF8.GetBytes($$"""{"amount":{{Value.Of(amount)}},"country":"FR","occurred_at":"{{At(minutes)}}"}"""))
        {
            EventId = eventId,
            RecordedAt = At(recordedMinutes ?? minutes),
        };

    public Task<PredictionAnswer> PredictAsync(string card, string? id = null, double amount = 10, Instant? asOf = null, Position? knownAt = null) =>
        SendAsync(Ask(card, id, amount) with { AsOf = asOf, KnownAt = knownAt });

    public static Predict Ask(string card, string? id = null, double amount = 10) =>
        new("fraud", new Dictionary<string, string> { ["card"] = card })
        {
            PredictionId = id, Context = new Dictionary<string, Value> { ["amount"] = Value.Of(amount) }, By = "payments",
        };

    public static Instant At(int minutes) => Noon + new Duration(minutes * 60_000_000L);

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        await _services.DisposeAsync();
    }
}
