using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files.Spines;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>Numbers in spines keep each digit that matters, or are refused: a digit that is lost is another key.</summary>
public sealed class SpineNumberTests : IDisposable
{
    private const string Long = "12345678901234567890123";

    private static readonly SpineColumns Columns = new(
        new Dictionary<string, string> { ["card"] = "string", ["shop"] = "integer" },
        new Dictionary<string, string> { ["amount"] = "number", ["price"] = "decimal", ["units"] = "integer" });

    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-spines-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("card", "4929", "4929")]
    [InlineData("card", Long, Long)]
    [InlineData("card", "-" + Long, "-" + Long)]
    [InlineData("card", "\"1.50\"", "1.50")]
    [InlineData("card", "4929.0", "4929")]
    [InlineData("card", "4503599627370496.0", "4503599627370496")]
    [InlineData("shop", "9223372036854775807", "9223372036854775807")]
    [InlineData("shop", "4929.0", "4929")]
    public async Task A_key_is_all_of_its_digits(string column, string json, string key) =>
        (await RowAsync(column, json)).Entities[column].ShouldBe(key);

    [Theory]
    [InlineData("card", "1.5", "'card' is 1.5, but a key is a text or a whole number")]
    [InlineData("card", "1e22", "'card' is 1E+22, but a key is a text or a whole number")]
    [InlineData("card", "9007199254740993.0", "Write it as a text.")]
    [InlineData("shop", Long, "'shop' is " + Long + ", but the definitions say that it is a key of type integer, which has 64 bits.")]
    [InlineData("price", "0.12345678901234567890123456789", "'price' is \"0.12345678901234567890123456789\", but the definitions say that it is of type decimal, which has up to 28 digits.")]
    [InlineData("amount", Long, "'amount' is " + Long + ", which no number of 64 bits holds. Write it as a text or, if it may be rounded, as 1.2345678901234568E+22.")]
    [InlineData("units", Long, "'units' is " + Long)]
    [InlineData("note", Long, "'note' is " + Long)]
    [InlineData("note", "1e400", "'note' is 1e400, which no number of 64 bits holds. Write it as a text.")]
    public async Task A_number_that_its_column_cannot_hold_is_refused_with_its_line(string column, string json, string problem)
    {
        var path = Write(column, json);
        var refused = await Should.ThrowAsync<EvaluationInputException>(() => RowAsync(path));

        refused.Message.ShouldStartWith($"{path}:2: ");
        refused.Message.ShouldContain(problem);
    }

    [Theory]
    [InlineData("12345678901234567890.12345678", "12345678901234567890.12345678")]
    [InlineData("0.1", "0.1")]
    [InlineData("12.50", "12.50")]
    [InlineData(Long, Long)]
    [InlineData("1.5e3", "1500")]
    public async Task A_decimal_keeps_its_digits(string json, string value) =>
        (await RowAsync("price", json)).Context["price"].ShouldBe(new Value { Decimal = value });

    [Fact]
    public async Task Other_numbers_are_what_they_were()
    {
        (await RowAsync("price", "7")).Context["price"].ShouldBe(new Value { Integer = 7 });
        (await RowAsync("amount", "12.1")).Context["amount"].ShouldBe(new Value { Number = 12.1 });
        (await RowAsync("amount", "18446744073709551616")).Context["amount"].ShouldBe(new Value { Number = 18446744073709551616.0 });
        (await RowAsync("amount", "1.2345678901234568E+22")).Context["amount"].ShouldBe(new Value { Number = 1.2345678901234568E+22 });
        (await RowAsync("note", "9223372036854775807")).Extra["note"].ShouldBe(new Value { Integer = long.MaxValue });
        (await RowAsync("note", "0.5")).Extra["note"].ShouldBe(new Value { Number = 0.5 });
    }

    [Fact]
    public async Task Before_the_definitions_are_known_any_column_may_be_a_key() =>
        await SpineFile.CheckAsync(Write("note", Long), null, CancellationToken.None);

    [Fact]
    public void A_double_of_a_parquet_that_is_no_key_for_sure_is_refused() =>
        Should.Throw<InvalidOperationException>(() => Columns.Fill(
            new SpineRow(), new Dictionary<string, Value> { ["card"] = new() { Number = 1.2345678901234568E+22 } }, message => new InvalidOperationException(message)))
            .Message.ShouldStartWith("'card' is 1.2345678901234568E+22, but a key is a text or a whole number");

    private Task<SpineRow> RowAsync(string column, string json) => RowAsync(Write(column, json));

    private static async Task<SpineRow> RowAsync(string path) =>
        await SpineFile.ReadAsync(path, null, Columns, CancellationToken.None).SingleAsync();

    /// <summary>A spine whose second line is its only row.</summary>
    private string Write(string column, string json)
    {
        var path = Path.Combine(_folder, "spine.jsonl");
        File.WriteAllText(path, $$"""{{"\n"}}{"{{column}}": {{json}}, "time": "2026-01-01T00:00:00Z"}""");
        return path;
    }
}
