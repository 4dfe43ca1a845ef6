using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using EventFeatures.Views.FeatureViews;
using EventFeatures.Views.TrainingSets;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

public sealed class ExportCommandTests : IClassFixture<PaymentsSystem>, IDisposable
{
    private const int Cards = 7;
    private const int Days = 5;

    private readonly PaymentsSystem _payments;
    private readonly string _folder = Directory.CreateTempSubdirectory("ef-export-").FullName;

    public ExportCommandTests(PaymentsSystem payments) => _payments = payments;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("day", "occurred_date", "%Y-%m-%d")]
    [InlineData("month", "occurred_month", "%Y-%m")]
    public async Task Another_tool_reads_every_row_of_the_batch_view_and_its_folder(string period, string column, string format)
    {
        await PayAsync();
        var exported = await ExportAsync("view", "--partition-by", period);
        var position = new Position(exported.GetProperty("knownAt").GetUInt64());

        var expected = new List<string>();
        await foreach (var entity in _payments.System.Host.Services.GetRequiredService<IBatchViews>().ReadEntitiesAsync(new ViewReference("card_activity", 1), null, position))
            expected.AddRange(entity.Rows.Select(row => string.Create(CultureInfo.InvariantCulture,
                $"{row.EntityKey}|{row.OccurredAt.Microseconds}|{row.RecordedAt.Microseconds}|{row.Position}|{row.StreamId}|{row.Revision}|{row.EventId}|{row.EventType}|{string.Join('|', row.Columns.Select(value => value.ToString()))}|true")));
        var names = Query($"describe select * from read_parquet('{_folder}/view/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)", 1);
        names.ShouldContain(column);
        var read = Query(
            $"select concat_ws('|', entity, epoch_us(occurred_at), epoch_us(recorded_at), position, stream, revision, event_id, event_type, rtrim(rtrim(data_amount::varchar, '0'), '.'), data_units, ({column} = strftime(occurred_at at time zone 'UTC', '{format}'))::varchar) " +
            $"from read_parquet('{_folder}/view/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)", 1);

        read.Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));
        exported.GetProperty("rows").GetInt64().ShouldBe(expected.Count);
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_folder, "view", "_manifest.json")));
        manifest.RootElement.GetProperty("files").EnumerateArray().Sum(file => file.GetProperty("rows").GetInt64()).ShouldBe(expected.Count);
        manifest.RootElement.GetProperty("files").GetArrayLength().ShouldBe(period == "day" ? Days : 1);
    }

    [Fact]
    public async Task The_same_position_gives_the_same_bytes_whatever_came_after_and_however_often_it_was_interrupted()
    {
        await PayAsync();
        var first = await ExportAsync("first");
        await PayAsync();
        var position = first.GetProperty("knownAt").GetRawText();
        var second = await ExportAsync("second", "--known-at", position);
        second.GetProperty("manifestDigest").GetString().ShouldBe(first.GetProperty("manifestDigest").GetString());

        // As a process leaves it that is killed while it writes the third folder's file.
        Interrupt("second", "third", count: 3);
        var resumed = await ExportAsync("third");
        resumed.GetProperty("filesResumed").GetInt32().ShouldBe(2);
        resumed.GetProperty("manifestDigest").GetString().ShouldBe(first.GetProperty("manifestDigest").GetString());
        foreach (var path in Directory.GetFiles(Path.Combine(_folder, "first"), "*", SearchOption.AllDirectories))
            (await File.ReadAllBytesAsync(path.Replace("first", "third", StringComparison.Ordinal))).ShouldBe(await File.ReadAllBytesAsync(path));
        Directory.GetFiles(Path.Combine(_folder, "third"), "*", SearchOption.AllDirectories).Length
            .ShouldBe(Directory.GetFiles(Path.Combine(_folder, "first"), "*", SearchOption.AllDirectories).Length);
        Directory.Exists(Path.Combine(_folder, "third.partial")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_with_more_rows_than_a_file_may_have_is_several_files_of_all_its_rows()
    {
        await PayAsync();
        var services = _payments.System.Host.Services;
        var export = new ViewExport(services.GetRequiredService<ProjectionHost>(), services.GetRequiredService<NpgsqlDataSource>(), _folder, fileRowsMax: 9);
        var registered = services.GetRequiredService<IRegistry>().Current;
        var view = registered.Views[new ViewReference("card_activity", 1)];
        var head = await _payments.System.Log.ReadHeadAsync();

        var files = new List<(string Path, long Rows)>();
        await foreach (var file in export.WriteAsync(view, registered.Entities["card"], head!.Value, ExportPeriod.Month, new HashSet<string>()))
        {
            files.Add((file.Path, file.Rows));
            Query($"select count(*) from '{file.LocalPath}'", 1).ShouldBe([$"{file.Rows}"]);
        }

        files.Sum(file => file.Rows).ShouldBe(await export.CountAsync(new ViewReference("card_activity", 1), head.Value));
        files.Select(file => file.Path).ShouldBe(Enumerable.Range(0, files.Count).Select(part => $"occurred_month=2026-01/part-{part}.parquet"));
        files.SkipLast(1).ShouldAllBe(file => file.Rows == 9);
        Directory.GetFiles(_folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_that_exists_is_left_alone_and_an_unknown_view_is_refused()
    {
        var run = await CommandRun.Of("export", "--view", "card_activity", "--to", _folder, "--server", _payments.System.Host.ApiAddress);
        (run.ExitCode, run.Errors.Contains("exists already", StringComparison.Ordinal)).ShouldBe((2, true), run.ToString());
        run = await CommandRun.Of("export", "--view", "nothing@v1", "--to", Path.Combine(_folder, "new"), "--server", _payments.System.Host.ApiAddress);
        (run.ExitCode, run.Errors.Contains("There is no feature view 'nothing@v1'", StringComparison.Ordinal)).ShouldBe((1, true), run.ToString());
        Directory.GetFileSystemEntries(_folder).ShouldBeEmpty();
    }

    private async Task<JsonElement> ExportAsync(string name, params string[] more)
    {
        var run = await CommandRun.Of(["export", "--view", "card_activity@v1", "--to", Path.Combine(_folder, name), "--json", "--server", _payments.System.Host.ApiAddress, .. more]);
        run.ExitCode.ShouldBe(0, run.ToString());
        return JsonElement.Parse(run.Output);
    }

    private void Interrupt(string whole, string name, int count)
    {
        var (source, partial) = (Path.Combine(_folder, whole), Path.Combine(_folder, name + ".partial"));
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(source, "_manifest.json")));
        var root = manifest.RootElement;
        Directory.CreateDirectory(partial);
        File.WriteAllText(Path.Combine(partial, "_origin.json"), JsonSerializer.Serialize(new
        {
            View = root.GetProperty("view").GetString(), ViewDigest = root.GetProperty("viewDigest").GetString(),
            ContractDigest = root.GetProperty("contractDigest").GetString(), KnownAt = root.GetProperty("knownAt").GetUInt64(), PartitionBy = "day",
        }));
        foreach (var file in root.GetProperty("files").EnumerateArray().Take(count))
        {
            var path = file.GetProperty("path").GetString()!;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(partial, path))!);
            File.Copy(Path.Combine(source, path), Path.Combine(partial, path));
            File.AppendAllText(Path.Combine(partial, "_journal.jsonl"), JsonSerializer.Serialize(new
            {
                Path = path, Rows = file.GetProperty("rows").GetInt64(), Bytes = file.GetProperty("bytes").GetInt64(), Sha256 = file.GetProperty("sha256").GetString(),
            }) + "\n");
        }
        File.AppendAllText(Path.Combine(partial, "_journal.jsonl"), "{\"Path\": \"occ");
    }

    private static List<string> Query(string sql, int columns)
    {
        using var duck = new DuckDBConnection("Data Source=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(string.Join('|', Enumerable.Range(0, columns).Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        return rows;
    }

    private async Task PayAsync()
    {
        for (var card = 0; card < Cards; card++)
            await _payments.System.Events.AppendAsync(PaymentsSystem.Payments($"e{card}", [.. Enumerable.Range(0, Days * 3).Select(i =>
                PaymentsSystem.Payment($"{card}.{i + 10}", $"2026-01-0{1 + (i % Days)}T{(i * 5) % 24:00}:30:00.000001Z"))]));
    }
}
