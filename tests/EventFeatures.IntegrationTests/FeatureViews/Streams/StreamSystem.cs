using System.Collections.Concurrent;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Models;
using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Systems;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>
/// Both streams through the whole system, beside each other: appended portion by portion to the log, with reads of the
/// online views and predictions after each, when what is asked is what is newest; then training sets of every row, and of
/// what was read.
/// </summary>
public sealed class StreamSystem : IAsyncLifetime
{
    private const int Portions = 8, EventsPerAppend = 500, EntitiesPerPortion = 6, TrainedRows = 240;

    private static readonly TimeSpan CatchUpMax = TimeSpan.FromMinutes(2);

    private static readonly string[] Before = ["30m", "1h"], After = ["0s", "30m", "1d"];

    private readonly string _folder = Directory.CreateTempSubdirectory("ef-streams-").FullName;
    private RunningSystem _system = null!;
    private int _predictions;

    internal IReadOnlyList<StreamView> Views { get; private set; } = [];

    internal string Definitions => StreamView.Definitions(Views);

    /// <summary>What the online views answered, by view.</summary>
    internal Dictionary<string, List<OnlineReading>> Readings { get; } = [];

    /// <summary>The training set of every row, by view.</summary>
    internal ConcurrentDictionary<string, TrainingSetBuilt> OfRows { get; } = [];

    /// <summary>The training set of what was read online, by view, in the order of the readings.</summary>
    internal ConcurrentDictionary<string, TrainingSetBuilt> OfReadings { get; } = [];

    internal int Predictions => _predictions;

    /// <summary>An online read that happened.</summary>
    internal sealed record OnlineReading(string Key, Instant AsOf, Position KnownAt, IReadOnlyList<Value> Values);

    public async Task InitializeAsync()
    {
        var (market, taxi) = (StreamFile.Market(), StreamFile.Taxi());
        Views = StreamView.Of(market, taxi);
        _system = await RunningSystem.StartAsync();
        await SendAsync(new ApplyDefinitions([new DefinitionFile("streams.yaml", Definitions)]) { By = "tests", Why = "to be compared" });
        foreach (var view in Views) Readings[view.Name] = [];
        await Task.WhenAll(PlayAsync(market), PlayAsync(taxi));
        // One entity's rows are joined by one thread, so that two sets at once take both processors.
        await Task.WhenAll(Views.Select(BuildAsync));
    }

    public async Task DisposeAsync()
    {
        if (_system is not null) await _system.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal Task<T> SendAsync<T>(IRequest<T> request) => _system.Host.Services.GetRequiredService<IMediator>().Send(request);

    private async Task PlayAsync(StreamFile file)
    {
        var model = StreamModel.All.Single(model => model.Category == file.Category);
        for (var portion = 0; portion < Portions; portion++)
        {
            var rows = Portion(file, portion);
            var token = await AppendAsync(file, rows);
            await _system.Host.Services.GetRequiredService<IBatchViews>().CaughtUpAsync(token, CatchUpMax);
            foreach (var view in Views.Where(view => view.File == file)) await ReadAsync(view, portion, rows, token);
            if (portion == 0) await TrainAsync(model, file, rows, token);
            await PredictAsync(model, file, portion, rows, token);
        }
    }

    private static StreamRow[] Portion(StreamFile file, int portion) =>
        [.. file.Rows.Take(file.Rows.Count * (portion + 1) / Portions).Skip(file.Rows.Count * portion / Portions)];

    private async Task<Position> AppendAsync(StreamFile file, StreamRow[] rows)
    {
        var position = Position.Start;
        foreach (var together in rows.Chunk(EventsPerAppend))
            position = (await _system.Log.AppendToStreamAsync(file.Stream, StreamState.Any, [.. together.Select(row => row.ToEvent(file.Type))])).Position;
        return position;
    }

    private async Task TrainAsync(StreamModel model, StreamFile file, StreamRow[] rows, Position token)
    {
        var spine = rows.Zip(rows.Skip(1)).TakeLast(TrainedRows).Select(pair => new SpineRow(Entities(model.Entity, model.KeyOf(file, pair.First)), pair.First.At) { Label = pair.Second.Flag ? 1 : 0 });
        var set = new BuildTrainingSet("", Path.Combine(_folder, model.Name + ".parquet")) { Spine = [.. spine], KnownAt = token };
        var trained = await SendAsync(new TrainModel(model.Name, set) { By = "tests" });
        await SendAsync(new PromoteModel(model.Name, trained.Version.Version) { By = "tests" });
    }

    private async Task ReadAsync(StreamView view, int portion, StreamRow[] rows, Position token)
    {
        foreach (var (key, newest) in Newest(rows, view.KeyOf, portion * EntitiesPerPortion))
        {
            foreach (var asOf in Around(newest))
            {
                var read = await SendAsync(new GetFeatures(Entities(view.Entity, key)) { Service = view.Name, AsOf = asOf, MinPosition = token });
                Readings[view.Name].Add(new OnlineReading(key, asOf, token, [.. read.Features.Select(feature => feature.Value)]));
            }
        }
    }

    private async Task PredictAsync(StreamModel model, StreamFile file, int portion, StreamRow[] rows, Position token)
    {
        foreach (var (key, newest) in Newest(rows, row => model.KeyOf(file, row), portion))
        {
            foreach (var asOf in Around(newest))
            {
                var answer = await SendAsync(new Predict(model.Name, Entities(model.Entity, key)) { PredictionId = $"{model.Name}-{Interlocked.Increment(ref _predictions)}", AsOf = asOf, MinPosition = token });
                if (answer.Made.Route.Name != "champion") throw new InvalidOperationException($"Prediction {answer.Made.PredictionId} is a {answer.Made.Route.Name}: {answer.Made.Route.Code}.");
            }
        }
    }

    // A few entities of those that the rows are about, others each time, with their newest times.
    private static IEnumerable<(string Key, Instant Newest)> Newest(StreamRow[] rows, Func<StreamRow, string> keyOf, int from)
    {
        var entities = rows.GroupBy(keyOf).OrderBy(entity => entity.Key, StringComparer.Ordinal).Select(entity => (entity.Key, entity.Last().At)).ToList();
        return Enumerable.Range(from, Math.Min(EntitiesPerPortion, entities.Count)).Select(index => entities[index % entities.Count]);
    }

    private static Dictionary<string, string> Entities(string entity, string key) => new() { [entity] = key };

    private static IEnumerable<Instant> Around(Instant newest) =>
        [.. Before.Select(text => newest - Duration.Parse(text)), .. After.Select(text => newest + Duration.Parse(text)), newest + new Duration(1)];

    private async Task BuildAsync(StreamView view)
    {
        OfRows[view.Name] = await SendAsync(new BuildTrainingSet(view.Name, Path.Combine(_folder, view.Name + ".parquet"))
        {
            Spine = [.. view.File.Rows.Select(row => Spine(view, view.KeyOf(row), row.At, row.Index))],
        });
        OfReadings[view.Name] = await SendAsync(new BuildTrainingSet(view.Name, Path.Combine(_folder, view.Name + "-readings.parquet"))
        {
            Spine = [.. Readings[view.Name].Select((reading, index) => Spine(view, reading.Key, reading.AsOf, index) with { KnownAt = reading.KnownAt })],
        });
    }

    private static SpineRow Spine(StreamView view, string key, Instant time, int id) =>
        new(Entities(view.Entity, key), time) { Extra = new Dictionary<string, Value> { ["id"] = Value.Of((long)id) } };
}
