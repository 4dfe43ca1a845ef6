using System.Globalization;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Values;
using EventFeatures.Testing.PublishedData;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>
/// The Elec2 and the New York taxi streams through views with every kind of window and every aggregate: online reads, the
/// batch path, replay, files and DuckDB say the same of them, bit for bit. Where the published files are missing, synthetic
/// streams of the same shape stand in, and a skipped test says so.
/// </summary>
public sealed class StreamTests(StreamSystem system, ITestOutputHelper output) : IClassFixture<StreamSystem>
{
    private const int EvaluatedEvery = 23;

    public static TheoryData<string> Names => ["market", "high", "slots", "taxi"];

    [PublishedStreamsFact]
    public void The_published_streams_are_whole()
    {
        StreamFile.Market().Rows.Count.ShouldBe(45_312);
        StreamFile.Taxi().Rows.Count.ShouldBe(10_320);
    }

    [Fact]
    public void Every_aggregate_is_asked_of_both_streams()
    {
        foreach (var file in system.Views.GroupBy(view => view.File)) StreamView.Missing(file).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_row_has_the_bits_of_the_state_that_serves_online_and_knows_nothing_from_later(string name)
    {
        var built = system.OfRows[name];
        output.WriteLine($"{name}: {built.Rows:N0} rows of the {(View(name).File.IsPublished ? "published" : "synthetic")} stream, {View(name).Features.Count} features");
        built.Rows.ShouldBe(View(name).File.Rows.Count);
        (built.Leaks.RowsChecked, built.Leaks.Leaks, built.Leaks.Mismatches, built.Leaks.First).ShouldBe((built.Rows, 0L, 0L, ""));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_row_is_what_a_database_says(string name)
    {
        using var oracle = new StreamOracle(View(name));
        oracle.Differences(system.OfRows[name].Path).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_read_online_is_what_the_batch_path_gives_for_the_same_time_and_position(string name)
    {
        var readings = system.Readings[name];
        readings.Count.ShouldBeGreaterThanOrEqualTo(48);
        foreach (var (index, row) in Rows(system.OfReadings[name].Path, View(name)).Index())
            foreach (var (feature, value) in View(name).Features.Zip(readings[index].Values))
                Text(row[feature.Name]).ShouldBe(Text(value), $"{name}.{feature.Name} of '{readings[index].Key}' at {readings[index].AsOf}");
    }

    [Fact]
    public async Task Every_prediction_is_reproduced_from_the_log()
    {
        var updates = await (await system.SendAsync(new ReplayPredictions { Record = false })).ToListAsync();
        updates.Where(update => update.Verdict is not null).ShouldBeEmpty();
        updates[^1].Counts.ShouldBe(new ReplayCounts(system.Predictions, 0, 0, 0));
        system.Predictions.ShouldBeGreaterThan(200);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Files_of_the_same_events_give_the_same_without_a_server(string name)
    {
        var (view, asked) = (View(name), new StringBuilder());
        foreach (var row in view.File.Rows.Where(row => row.Index % EvaluatedEvery == 0))
            asked.AppendLine($$"""{"{{view.Entity}}": "{{view.KeyOf(row)}}", "time": "{{row.At}}", "id": {{row.Index.ToString(CultureInfo.InvariantCulture)}}}""");
        var events = string.Join('\n', view.File.Rows.Select(row =>
            $$"""{"stream": "{{view.File.Stream}}", "type": "{{view.File.Type}}", "time": "{{row.At}}", "recordedAt": "{{row.At}}", "data": {{Encoding.UTF8.GetString(row.ToJson())}}}"""));
        using var written = new StringWriter();
        var evaluation = await system.SendAsync(new EvaluateDefinitions(
            [new DefinitionFile("streams.yaml", system.Definitions)], new EvaluationInput("events.jsonl", new StringReader(events)), new EvaluationInput("spine.jsonl", new StringReader(asked.ToString())), written)
        { Service = name });

        evaluation.NotCounted.ShouldBeEmpty();
        var evaluated = 0;
        var rows = Rows(system.OfRows[name].Path, view, EvaluatedEvery).ToList();
        foreach (var line in written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            var id = document.RootElement.GetProperty("id").GetInt32();
            var (values, row) = (document.RootElement.GetProperty("features"), rows[id / EvaluatedEvery]);
            foreach (var feature in view.Features)
                Text(values.GetProperty(feature.Name), row[feature.Name]).ShouldBe(Text(row[feature.Name]), $"{name}.{feature.Name} of row {id}");
            evaluated++;
        }
        evaluated.ShouldBe(rows.Count);
    }

    private StreamView View(string name) => system.Views.Single(view => view.Name == name);

    /// <summary>Of a training set's rows, in the order of their ids from 0, every so manieth, by feature.</summary>
    private static IEnumerable<IReadOnlyDictionary<string, object>> Rows(string path, StreamView view, int every = 1)
    {
        using var database = new DuckDBConnection("DataSource=:memory:");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = $"select {string.Join(", ", view.Features.Select(feature => $"\"{feature.Name}\""))} from read_parquet('{path}') where id % {every} = 0 order by id";
        using var reader = command.ExecuteReader();
        while (reader.Read()) yield return view.Features.Select((feature, index) => (feature.Name, reader.GetValue(index))).ToDictionary(pair => pair.Name, pair => pair.Item2);
    }

    // In full, so that equal texts are equal bits; numbers of one type are not taken for those of another.
    private static string Text(object? cell) => cell switch
    {
        null or DBNull => "null",
        double number => "number " + number.ToString("R", CultureInfo.InvariantCulture),
        decimal exact => "decimal " + Value.Of(exact),
        long whole => "integer " + whole.ToString(CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        string text => "text " + text,
        _ => throw new ArgumentOutOfRangeException(nameof(cell), cell.GetType().Name),
    };

    private static string Text(Value value) => value.Kind switch
    {
        ValueKind.Null => "null",
        ValueKind.Number => Text(value.Number),
        ValueKind.Decimal => Text(value.Decimal),
        ValueKind.Integer => Text(value.Integer),
        ValueKind.Boolean => Text(value.Boolean),
        ValueKind.String => Text(value.String),
        _ => Text(value.ToString()),
    };

    // JSON does not tell its numbers' types; it is read as the type that the training set has.
    private static string Text(JsonElement json, object cell) => (json.ValueKind, cell) switch
    {
        (JsonValueKind.Null, _) => "null",
        (JsonValueKind.Number, double) => Text(json.GetDouble()),
        (JsonValueKind.Number, decimal) => Text(json.GetDecimal()),
        (JsonValueKind.Number, _) => Text(json.GetInt64()),
        (JsonValueKind.True or JsonValueKind.False, _) => Text(json.GetBoolean()),
        (JsonValueKind.String, _) => Text(json.GetString()),
        _ => Text(json.GetRawText()),
    };
}
