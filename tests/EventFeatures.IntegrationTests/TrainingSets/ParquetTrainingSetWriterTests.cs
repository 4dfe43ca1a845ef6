using EventFeatures.Core.Decisions;
using EventFeatures.Core.Time;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using EventFeatures.Views.TrainingSets;
using Parquet;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.TrainingSets;

public sealed class ParquetTrainingSetWriterTests : IDisposable
{
    private static readonly IReadOnlyList<TrainingColumn> Columns =
    [
        new("card", ValueKind.String), new("time", ValueKind.Timestamp), new("day", ValueKind.Date), new("count", ValueKind.Integer),
        new("sum", ValueKind.Number), new("fee", ValueKind.Decimal), new("fraud", ValueKind.Boolean), new("tags", ValueKind.Array),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("ef-parquet-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Equal_rows_give_equal_bytes()
    {
        var rows = Enumerable.Range(0, 1_000).Select(Row).ToList();
        var first = await WriteAsync("first.parquet", rows);
        var second = await WriteAsync("second.parquet", rows);
        second.ShouldBe(first);
        (await File.ReadAllBytesAsync(PathOf("second.parquet"))).ShouldBe(await File.ReadAllBytesAsync(PathOf("first.parquet")));
        (await WriteAsync("other.parquet", [.. rows.Skip(1)])).ShouldNotBe(first);
    }

    [Fact]
    public async Task Every_number_is_read_back_with_its_bits()
    {
        double?[] numbers = [0.0, -0.0, double.NaN, double.PositiveInfinity, double.Epsilon, 0.1 + 0.2, null, -1e308, 0.0, -0.0];
        await WriteAsync("numbers.parquet", [new("x", ValueKind.Number)], [.. numbers.Select(number => (IReadOnlyList<Value>)[number is { } x ? Value.Of(x) : Value.Null])]);
        (await ReadAsync<double>("numbers.parquet", 0)).Select(Bits).ShouldBe(numbers.Select(Bits));

        static long? Bits(double? number) => number is { } x ? BitConverter.DoubleToInt64Bits(x) : null;
    }

    [Fact]
    public async Task Every_type_is_read_back_as_it_was_written()
    {
        var rows = Enumerable.Range(0, 325).Select(Row).ToList();
        await WriteAsync("types.parquet", rows);
        (await ReadAsync<DateTime>("types.parquet", 1)).ShouldBe(rows.Select(row => Or(row[1], value => value.Timestamp.ToDateTimeOffset().UtcDateTime)));
        (await ReadAsync<long>("types.parquet", 3)).ShouldBe(rows.Select(row => Or(row[3], value => value.Integer)));
        (await ReadAsync<decimal>("types.parquet", 5)).ShouldBe(rows.Select(row => Or(row[5], value => value.Decimal)));
        (await ReadAsync<bool>("types.parquet", 6)).ShouldBe(rows.Select(row => Or(row[6], value => value.Boolean)));

        static T? Or<T>(Value value, Func<Value, T> read) where T : struct => value.IsNull ? null : read(value);
    }

    [Theory]
    [InlineData("0.1234567890123456789")]
    [InlineData("100000000000000000000")]
    public async Task A_decimal_that_the_column_cannot_hold_is_refused_with_what_to_do(string text)
    {
        var value = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        var refused = await Should.ThrowAsync<RefusedException>(WriteAsync("x.parquet", [new("amount", ValueKind.Decimal)], [[Value.Of(value)]]));
        (refused.Code, refused.Detail).ShouldBe(("decimal-does-not-fit", $"Column 'amount' holds {text}, which decimal(38,18) cannot hold exactly."));
    }

    [Fact]
    public async Task A_file_that_cannot_be_finished_leaves_the_old_one_as_it_was()
    {
        await WriteAsync("kept.parquet", [Row(1)]);
        var before = await File.ReadAllBytesAsync(PathOf("kept.parquet"));
        // Within the first row group, and while one before is being written.
        foreach (var whole in new[] { 1, 250 })
        {
            var error = await Should.ThrowAsync<ArgumentException>(WriteAsync("kept.parquet", [.. Enumerable.Range(0, whole).Select(Row), [Value.Of(1)]]));
            error.Message.ShouldContain($"Row {whole} of the training set has 1 values, but there are 8 columns");
            (await File.ReadAllBytesAsync(PathOf("kept.parquet"))).ShouldBe(before);
        }
        Directory.GetFiles(_folder).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_value_of_another_type_is_refused_by_column()
    {
        var error = await Should.ThrowAsync<ArgumentException>(WriteAsync("x.parquet", [new("amount", ValueKind.Number)], [[Value.Of("much")]]));
        error.Message.ShouldContain("Column 'amount' is Number but a row holds the String \"much\"");
    }

    [Fact]
    public async Task A_training_set_without_rows_is_a_file_with_columns()
    {
        await WriteAsync("empty.parquet", []);
        await using var reader = await ParquetReader.CreateAsync(PathOf("empty.parquet"));
        reader.Schema.DataFields.Select(field => field.Name).ShouldBe(Columns.Select(column => column.Name));
    }

    private static IReadOnlyList<Value> Row(int i) =>
    [
        i % 7 == 0 ? Value.Null : Value.Of("card-" + i),
        i % 5 == 0 ? Value.Null : Value.Of(Instant.Parse("2026-01-01T00:00:00.000001Z") + new Duration(i * 1_234_567L)),
        Value.Of(new DateOnly(2026, 1, 1).AddDays(i)),
        i % 3 == 0 ? Value.Null : Value.Of((long)i),
        Value.Of(i / 7.0),
        i % 4 == 0 ? Value.Null : Value.Of(i / 1000m),
        i % 6 == 0 ? Value.Null : Value.Of(i % 2 == 0),
        Value.Of([Value.Of(i), Value.Null]),
    ];

    private Task<string> WriteAsync(string name, IReadOnlyList<IReadOnlyList<Value>> rows) => WriteAsync(name, Columns, rows);

    private Task<string> WriteAsync(string name, IReadOnlyList<TrainingColumn> columns, IReadOnlyList<IReadOnlyList<Value>> rows) =>
        new ParquetTrainingSetWriter(rowGroupRowsMax: 100).WriteAsync(PathOf(name), columns, rows.ToAsyncEnumerable());

    private async Task<List<T?>> ReadAsync<T>(string name, int column) where T : struct
    {
        await using var reader = await ParquetReader.CreateAsync(PathOf(name));
        var field = reader.Schema.DataFields[column];
        var values = new List<T?>();
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            var read = new T?[group.RowCount];
            await group.ReadAsync<T>(field, read.AsMemory());
            values.AddRange(read);
        }
        return values;
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
