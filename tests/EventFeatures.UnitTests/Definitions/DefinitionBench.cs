using EventFeatures.Application.Definitions;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Testing.Events;
using EventFeatures.UnitTests.Predictions;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>The use cases of definitions and models over a log in memory, with the real pipeline and registry.</summary>
internal sealed class DefinitionBench : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private DefinitionBench(InMemoryLog log, IEventLog? appendsThrough)
    {
        Log = log;
        Registry = new Registry(log, TimeProvider.System);
        _services = new ServiceCollection()
            .AddEventFeaturesApplication()
            .AddSingleton(appendsThrough ?? log)
            .AddSingleton<IRegistry>(Registry)
            .AddSingleton<IModelStore>(Models)
            .AddSingleton<IScorer>(Models)
            .AddSingleton<IOnlineViews>(Views)
            .AddSingleton<IBatchViews>(new LogViews(log, () => Registry.Current))
            .BuildServiceProvider();
    }

    public InMemoryLog Log { get; }

    public Registry Registry { get; }

    public FakeModels Models { get; } = new();

    public StatedViews Views { get; } = new();

    public static async Task<DefinitionBench> StartAsync(InMemoryLog? log = null, IEventLog? appendsThrough = null)
    {
        var bench = new DefinitionBench(log ?? new InMemoryLog(), appendsThrough);
        await bench.Registry.StartAsync().WaitAsync(TimeSpan.FromSeconds(20));
        return bench;
    }

    public Task<T> SendAsync<T>(IRequest<T> request) => _services.GetRequiredService<IMediator>().Send(request);

    public Task<DefinitionPlan> PlanAsync(params string[] texts) => SendAsync(new PlanDefinitions(Files(texts)));

    public Task<DefinitionsApplied> ApplyAsync(params string[] texts) =>
        SendAsync(new ApplyDefinitions(Files(texts)) { By = "ada@example.com", Why = "a test" });

    /// <summary>What planning says is wrong, as compilers write it.</summary>
    public async Task<IReadOnlyList<string>> IssuesAsync(params string[] texts)
    {
        try
        {
            await PlanAsync(texts);
            return [];
        }
        catch (DefinitionInvalidException invalid)
        {
            return [.. invalid.Issues.Select(issue => issue.ToString())];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        await _services.DisposeAsync();
    }

    private static List<DefinitionFile> Files(string[] texts) =>
        [.. texts.Select((text, index) => new DefinitionFile($"{(char)('a' + index)}.yaml", text))];
}
