using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files.Spines;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>What becomes of a spine's columns: none is lost without a word.</summary>
public sealed class SpineColumnsTests : IDisposable
{
    private static readonly SpineColumns Columns = new(
        new Dictionary<string, string> { ["card"] = "string", ["country"] = "string", ["shop"] = "string", ["Units"] = "string" },
        new Dictionary<string, string> { ["country"] = "string", ["shop"] = "integer", ["amount"] = "number", ["units"] = "integer" });

    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-columns-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("spine.csv", "card,country,time,note\n1,FR,2026-01-01T00:00:00Z,n\n")]
    [InlineData("spine.jsonl", """{"card": "1", "country": "FR", "time": "2026-01-01T00:00:00Z", "note": "n"}""")]
    public async Task A_column_that_is_a_key_and_a_context_field_is_both(string name, string text)
    {
        var row = await RowAsync(name, text);

        row.Entities.ShouldBe(new Dictionary<string, string> { ["card"] = "1", ["country"] = "FR" }, ignoreOrder: true);
        row.Context["country"].Text.ShouldBe("FR");
        row.Extra.Keys.ShouldBe(["note"]);
    }

    [Fact]
    public async Task Of_two_types_a_column_is_each_as_it_is_written()
    {
        var row = await RowAsync("spine.csv", "card,shop,time\n1,007,2026-01-01T00:00:00Z\n");

        row.Entities["shop"].ShouldBe("007");
        row.Context["shop"].ShouldBe(new Value { Integer = 7 });
        (await Should.ThrowAsync<EvaluationInputException>(() => RowAsync("spine.csv", "card,shop,time\n1,x,2026-01-01T00:00:00Z\n")))
            .Message.ShouldEndWith("spine.csv:2: 'shop' is \"x\", but the definitions say that it is of type integer.");
    }

    [Fact]
    public async Task A_misspelt_context_field_is_refused()
    {
        (await Should.ThrowAsync<UsageException>(() => RowAsync("spine.csv", "card,time,Amount\n1,2026-01-01T00:00:00Z,5\n")))
            .Message.ShouldEndWith("there is no column 'Amount' of a spine. Did you mean 'amount'?");
        (await Should.ThrowAsync<EvaluationInputException>(() => RowAsync("spine.jsonl", """{"card": "1", "time": "2026-01-01T00:00:00Z", "a_mount": 5}""")))
            .Message.ShouldEndWith("spine.jsonl:1: There is no member 'a_mount'. Did you mean 'amount'?");
    }

    [Theory]
    [InlineData("spine.csv", "card,time,amount,Amount,Units\n1,2026-01-01T00:00:00Z,5,x,u\n")]
    [InlineData("spine.jsonl", """{"card": "1", "time": "2026-01-01T00:00:00Z", "amount": 5, "Amount": "x", "Units": "u"}""")]
    public async Task A_name_that_is_like_a_context_field_is_let_be_where_that_one_is_there_or_it_is_a_key(string name, string text)
    {
        var row = await RowAsync(name, text);

        row.Context.Keys.ShouldBe(["amount"]);
        row.Extra["Amount"].Text.ShouldBe("x");
        row.Entities["Units"].ShouldBe("u");
    }

    [Fact]
    public void Two_columns_of_one_name_are_refused() =>
        Should.Throw<UsageException>(() => Columns.RefuseHeader("spine.parquet", ["card", "time", "card"]))
            .Message.ShouldBe("spine.parquet: there is the column 'card' twice. Rename one of them.");

    [Theory]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    public async Task A_label_that_is_no_number_is_refused(string label) =>
        (await Should.ThrowAsync<EvaluationInputException>(() => RowAsync("spine.jsonl", $$"""{"card": "1", "time": "2026-01-01T00:00:00Z", "label": {{label}}}""")))
            .Message.ShouldEndWith($"spine.jsonl:1: 'label' is {label}, but a label is 1 or 0. Leave it null where it is not known.");

    [Fact]
    public async Task A_spine_is_sent_in_parts_of_few_rows_and_of_few_bytes()
    {
        var small = await SpineParts.OfAsync(Rows(1_001, 1), default).ToListAsync();
        var large = await SpineParts.OfAsync(Rows(7, SpineParts.BytesFull / 2), default).ToListAsync();

        small.Select(part => part.Rows.Count).ShouldBe([500, 500, 1]);
        large.Select(part => part.Rows.Count).ShouldBe([2, 2, 2, 1]);
        (await SpineParts.OfAsync(Rows(0, 1), default).ToListAsync()).ShouldBeEmpty();
    }

    private static IAsyncEnumerable<SpineRow> Rows(int count, int letters)
    {
        var text = new string('x', letters);
        return Enumerable.Range(0, count).Select(_ => new SpineRow { Extra = { ["note"] = new Value { Text = text } } }).ToAsyncEnumerable();
    }

    private async Task<SpineRow> RowAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text);
        return await SpineFile.ReadAsync(path, null, Columns, CancellationToken.None).SingleAsync();
    }
}
