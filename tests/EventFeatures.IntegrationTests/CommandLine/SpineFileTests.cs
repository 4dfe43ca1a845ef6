using System.Globalization;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using EventFeatures.Api.V1;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

/// <summary>Spines of every format, as a person brings them, against a server.</summary>
public sealed class SpineFileTests : IClassFixture<PaymentsSystem>, IDisposable
{
    private const int Rows = 1_234;

    private const string Others = """
        apiVersion: eventfeatures/v1
        kind: Entity
        name: amount
        keys: [ { name: amount, type: string } ]
        ---
        apiVersion: eventfeatures/v1
        kind: Entity
        name: customer
        keys: [ { name: id, type: integer } ]
        """;

    private readonly PaymentsSystem _payments;
    private readonly string _folder = Directory.CreateTempSubdirectory("ef-spines-").FullName;

    public SpineFileTests(PaymentsSystem payments) => _payments = payments;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_same_rows_give_the_same_bytes_from_every_format()
    {
        var position = await PayAsync();
        var lines = Enumerable.Range(0, Rows).Select(i => (Card: $"s{i % 40}", Time: $"2026-01-02T00:{i % 60:00}:00.5Z", Label: i % 3 == 0 ? null : (int?)(i % 2), Amount: i / 4.0, Note: $"n, \"{i}\"")).ToList();
        var json = Write("spine.jsonl", lines.Select(row => JsonSerializer.Serialize(row.Label is { } label
            ? (object)new { card = row.Card, time = row.Time, label, amount = row.Amount, note = row.Note }
            : new { card = row.Card, time = row.Time, amount = row.Amount, note = row.Note })));
        var csv = Write("spine.csv", lines.Select(row =>
            string.Create(CultureInfo.InvariantCulture, $"\"{row.Note.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{row.Card},{row.Label},{row.Time},{row.Amount}")).Prepend("note,card,label,time,amount"));
        var parquet = Path.Combine(_folder, "spine.parquet");
        using (var duck = new DuckDBConnection("Data Source=:memory:"))
        {
            duck.Open();
            using var copy = duck.CreateCommand();
            copy.CommandText = $"copy (select card, time::timestamptz as time, label::integer as label, amount::double as amount, note from read_json('{json}', columns = {{card: 'varchar', time: 'varchar', label: 'bigint', amount: 'double', note: 'varchar'}})) to '{parquet}' (format parquet, row_group_size 500)";
            copy.ExecuteNonQuery();
        }

        var sets = new List<JsonElement>();
        foreach (var path in (string[])[json, csv, parquet]) sets.Add(await BuildAsync(path, "--known-at", $"{position}"));
        File.Copy(csv, Path.Combine(_folder, "spine.txt"));
        sets.Add(await BuildAsync(Path.Combine(_folder, "spine.txt"), "--known-at", $"{position}", "--spine-format", "csv"));

        sets.ShouldAllBe(set => set.GetProperty("rows").GetString() == $"{Rows}" && set.GetProperty("leaks").GetString() == "0");
        sets.Select(set => set.GetProperty("digest").GetString()).Distinct().ShouldHaveSingleItem();
        using var read = new DuckDBConnection("Data Source=:memory:");
        read.Open();
        using var query = read.CreateCommand();
        query.CommandText = $"select card, label, note, card_activity__count_1h from '{sets[0].GetProperty("path").GetString()}'";
        using var row = query.ExecuteReader();
        for (var i = 0; i < Rows; i++)
        {
            row.Read().ShouldBeTrue();
            (row.GetString(0), row.IsDBNull(1) ? null : (int?)row.GetDouble(1), row.GetString(2)).ShouldBe((lines[i].Card, lines[i].Label, lines[i].Note));
            row.GetInt64(3).ShouldBe(1);
        }
        row.Read().ShouldBeFalse();
    }

    [Fact]
    public async Task A_key_of_more_digits_than_a_number_holds_is_its_digits_as_json_and_as_csv()
    {
        const string key = "12345678901234567890123";
        var json = Write("long.jsonl", [$$"""{"card": {{key}}, "time": "2026-01-02T00:00:00Z", "amount": 1.5}"""]);
        var csv = Write("long.csv", ["card,time,amount", $"{key},2026-01-02T00:00:00Z,1.5"]);

        var fromJson = await BuildAsync(json);
        (await BuildAsync(csv, "--known-at", fromJson.GetProperty("position").GetString()!)).GetProperty("digest").GetString().ShouldBe(fromJson.GetProperty("digest").GetString());
        var batch = await CommandRun.Of("features", "batch", "--service", "fraud@v1", "--file", json, "--json", "--server", _payments.System.Host.ApiAddress);

        batch.ExitCode.ShouldBe(0, batch.ToString());
        batch.Output.ShouldContain($"\"{key}\"");
    }

    [Fact]
    public async Task Entities_of_other_views_leave_a_spine_as_it_is()
    {
        var spine = Write("others.csv", ["card,time,amount,customer,id", "s1,2026-01-02T00:00:00Z,2.5,c1,007"]);
        var before = await BuildAsync(spine);
        await _payments.System.Registry.ApplyAsync(new ApplyRequest { Files = { new DefinitionFile { Path = "others.yaml", Content = Others } }, Actor = "tests", Reason = "to be tested" });

        var after = await BuildAsync(spine, "--known-at", before.GetProperty("position").GetString()!);
        var batch = await CommandRun.Of("features", "batch", "--service", "fraud@v1", "--file", Write("others.jsonl", ["""{"card": "s1", "amount": 2.5}"""]), "--json", "--server", _payments.System.Host.ApiAddress);

        after.GetProperty("fileDigest").GetString().ShouldBe(before.GetProperty("fileDigest").GetString());
        using var read = new DuckDBConnection("Data Source=:memory:");
        read.Open();
        using var query = read.CreateCommand();
        query.CommandText = $"select customer, id, log_amount from '{after.GetProperty("path").GetString()}'";
        using var row = query.ExecuteReader();
        row.Read().ShouldBeTrue();
        (row.GetString(0), row.GetString(1), row.GetDouble(2)).ShouldBe(("c1", "007", Math.Log(3.5)));
        batch.ExitCode.ShouldBe(0, batch.ToString());
        JsonElement.Parse(batch.Output).GetProperty("rows")[0].GetProperty("values")[2].TryGetProperty("number", out _).ShouldBeTrue(batch.ToString());
    }

    [Theory]
    [InlineData("'nan'::double as label", "'label' is \"NaN\", but a label is 1 or 0. Leave it null where it is not known.")]
    [InlineData("'inf'::double as label", "but a label is 1 or 0. Leave it null where it is not known.")]
    [InlineData("9223372036854775808::ubigint as id", "Column 'id' holds 9223372036854775808, which is above 9223372036854775807, the largest integer. Write the column as text.")]
    public async Task What_a_column_of_a_parquet_cannot_hold_is_said_with_what_to_do(string column, string expected)
    {
        var path = Path.Combine(_folder, "odd.parquet");
        using (var duck = new DuckDBConnection("Data Source=:memory:"))
        {
            duck.Open();
            using var copy = duck.CreateCommand();
            copy.CommandText = $"copy (select 's1' as card, timestamptz '2026-01-02 00:00:00+00' as time, {column}) to '{path}' (format parquet)";
            copy.ExecuteNonQuery();
        }

        var run = await RunAsync(path);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain(expected);
    }

    [Theory]
    [InlineData("card,time\na,2026-01-01T00:00:00Z\nb,yesterday\n", "spine.csv:3: 'time' is \"yesterday\"")]
    [InlineData("card,time,amount\na,2026-01-01T00:00:00Z,much\n", "spine.csv:2: 'amount' is \"much\", but the definitions say that it is of type number")]
    [InlineData("card,time,label\n\na,2026-01-01T00:00:00Z,maybe\n", "spine.csv:3: 'label' is \"maybe\"")]
    [InlineData("card,time\na,2026-01-01T00:00:00Z,7\n", "spine.csv:2: This line has 3 cells, but the header has 2")]
    [InlineData("card,time\na,2026-01-01T00:00:00Z\n\"b,2026-01-01T00:00:00Z\n", "spine.csv:3: ")]
    [InlineData("card,Time\na,2026-01-01T00:00:00Z\n", "Did you mean 'time'?")]
    [InlineData("card,time,time\n", "the column 'time' twice")]
    [InlineData("card,time\n", "has a header but no rows")]
    [InlineData("", "is empty")]
    [InlineData("card,time\na,2026-01-01T00:00:00Z\n,2026-01-01T00:00:00Z\n", "spine:3.entities: The key of entity 'card' is missing")]
    [InlineData("card,time\na,\n", "spine.csv:2: 'time' is empty")]
    public async Task What_is_wrong_with_a_csv_is_said_with_its_line(string csv, string expected)
    {
        var path = Path.Combine(_folder, "spine.csv");
        await File.WriteAllTextAsync(path, csv);
        var run = await RunAsync(path);
        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain(expected);
    }

    [Fact]
    public async Task What_is_no_parquet_is_said_to_be_none()
    {
        var path = Path.Combine(_folder, "spine.parquet");
        await File.WriteAllTextAsync(path, "card,time\n");
        var run = await RunAsync(path);
        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain("cannot be read as Parquet");
        run.Errors.ShouldContain("write it anew");
    }

    private async Task<JsonElement> BuildAsync(string spine, params string[] more)
    {
        var run = await RunAsync(spine, [.. more, "--json"]);
        run.ExitCode.ShouldBe(0, run.ToString());
        return JsonElement.Parse(run.Output);
    }

    private Task<CommandRun> RunAsync(string spine, params string[] more) =>
        CommandRun.Of(["training-set", "--service", "fraud@v1", "--spine", spine, "--server", _payments.System.Host.ApiAddress, .. more]);

    private async Task<ulong> PayAsync()
    {
        var position = 0UL;
        for (var i = 0; i < 40; i++)
        {
            var payment = PaymentsSystem.Payment($"{10 + i}", "2026-01-01T23:59:30Z");
            payment.RecordedAt = "2026-01-01T23:59:31Z";
            position = (await _payments.System.Events.AppendAsync(PaymentsSystem.Payments($"s{i}", payment))).Position;
        }
        return position;
    }

    private string Write(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllLines(path, lines, new UTF8Encoding(false));
        return path;
    }
}
