using CsCheck;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Databases;
using EventFeatures.Views.FeatureViews.Batch;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;
using NpgsqlTypes;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>Rows that are encoded here, in a real table, beside those of Npgsql's own importer.</summary>
public sealed class CopyRowsTests : IAsyncLifetime
{
    private const string Columns =
        "small smallint, id uuid, document jsonb, whole bigint, number double precision, exact numeric, flag boolean, word text, at timestamptz, day date, list json";

    private static readonly ValueKind[] Kinds =
        [ValueKind.Integer, ValueKind.Number, ValueKind.Decimal, ValueKind.Boolean, ValueKind.String, ValueKind.Timestamp, ValueKind.Date, ValueKind.Array];

    private static readonly Gen<Value>[] Values =
    [
        Gen.Long.Select(Value.Of),
        Gen.OneOf(Gen.Double, Gen.OneOf(-0.0, double.NaN, BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0123), double.NegativeInfinity)).Select(Value.Of),
        Gen.OneOf(Gen.Decimal, Gen.Decimal[-2, 2], Exact(), Gen.OneOf(0m, 0.00m, -0.0m, decimal.MaxValue, decimal.MinValue, 10_000m, 0.0001m, 1.50m)).Select(Value.Of),
        Gen.Bool.Select(Value.Of),
        Gen.OneOf(Gen.String, Gen.OneOf("", "\0", "\ud800", "\ud83d\ude00", new string('é', 100_000))).Select(Value.Of),
        Gen.OneOf(Gen.Long[Instant.MinValue.Microseconds, Instant.MaxValue.Microseconds].Select(microseconds => new Instant(microseconds)),
            Gen.OneOf(Instant.MinValue, Instant.MaxValue)).Select(Value.Of),
        Gen.OneOf(Gen.DateOnly, Gen.OneOf(DateOnly.MinValue, DateOnly.MaxValue)).Select(Value.Of),
        Gen.Long.Select(Value.Of).Array[0, 3].Select(elements => Value.Of((IReadOnlyList<Value>)elements)),
    ];

    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Every_value_is_stored_as_npgsql_stores_it_and_read_back_with_its_bits()
    {
        await _database.ScalarAsync($"create table ours (row bigint, {Columns}); create table theirs (row bigint, {Columns})");
        var rows = Sample(400);
        await using var connection = await _database.Source.OpenConnectionAsync();
        await CopyRows.SendAsync(connection, "copy ours from stdin (format binary)", rows.Index(), Encode, CancellationToken.None);
        await ImportAsync(connection, rows);

        (await _database.ScalarAsync("select count(*) from ours")).ShouldBe((long)rows.Length);
        (await _database.ScalarAsync("select row from ours join theirs using (row) where ours::text is distinct from theirs::text limit 1")).ShouldBeNull();
        await using var command = new NpgsqlCommand("select whole, number, exact, flag, word, at, day, list from ours order by row", connection);
        await using var reader = await command.ExecuteReaderAsync();
        foreach (var row in rows)
        {
            await reader.ReadAsync();
            for (var i = 0; i < Kinds.Length; i++) Spelt(BatchColumn.Read(reader, i, Kinds[i])).ShouldBe(Spelt(row.Values[i]));
        }
    }

    [Fact]
    public async Task Where_there_are_no_rows_nothing_is_sent()
    {
        await using var connection = await _database.Source.OpenConnectionAsync();

        // Nothing there is to copy into, which PostgreSQL would say.
        await CopyRows.SendAsync<string>(connection, "copy nowhere from stdin (format binary)", [], (_, _) => throw new InvalidOperationException("There is no row."), CancellationToken.None);
    }

    [Fact]
    public async Task Rows_that_cannot_be_encoded_leave_nothing_behind_and_the_connection_usable()
    {
        await _database.ScalarAsync("create table ours (word text)");
        await using var connection = await _database.Source.OpenConnectionAsync();
        await using (await connection.BeginTransactionAsync())
        {
            (await Should.ThrowAsync<InvalidOperationException>(() => CopyRows.SendAsync(
                connection, "copy ours from stdin (format binary)", Enumerable.Range(0, 5_000), (copy, number) =>
                {
                    if (number == 4_999) throw new InvalidOperationException("the last one");
                    copy.StartRow(columns: 1);
                    copy.Write(new string('x', 100));
                }, CancellationToken.None))).Message.ShouldBe("the last one");
        }
        await CopyRows.SendAsync(connection, "copy ours from stdin (format binary)", ["a"], (copy, word) =>
        {
            copy.StartRow(columns: 1);
            copy.Write(word);
        }, CancellationToken.None);
        (await _database.ScalarAsync("select string_agg(word, ',') from ours")).ShouldBe("a");
    }

    [Fact]
    public async Task A_row_that_the_database_refuses_says_so_and_leaves_the_connection_usable()
    {
        await _database.ScalarAsync("create table ours (number bigint unique)");
        await using var connection = await _database.Source.OpenConnectionAsync();
        await using (await connection.BeginTransactionAsync())
        {
            (await Should.ThrowAsync<PostgresException>(() => CopyRows.SendAsync(
                connection, "copy ours from stdin (format binary)", Enumerable.Range(0, 50_000), (copy, number) =>
                {
                    copy.StartRow(columns: 1);
                    copy.Write((long)(number % 1_000));
                }, CancellationToken.None))).SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        }
        (await _database.ScalarAsync("select count(*) from ours")).ShouldBe(0L);
        await using var command = new NpgsqlCommand("select 1", connection);
        (await command.ExecuteScalarAsync()).ShouldBe(1);
    }

    private static Gen<decimal> Exact() => Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], (low, middle, high, negative, scale) => new decimal(low, middle, high, negative, scale));

    // Each value null once in a while.
    private static Row[] Sample(int count)
    {
        var rows = new List<Row>();
        var row = Gen.Select(Gen.Short, Gen.Guid, Gen.Int[0, 9].Array[Kinds.Length], (small, id, nulls) => (small, id, nulls));
        var pcg = new PCG(0, 20_260_101);
        for (var i = 0; i < count; i++)
        {
            var (small, id, nulls) = row.Generate(pcg, null, out _);
            rows.Add(new Row(small, id, [.. Values.Select((values, column) => nulls[column] == 0 ? Value.Null : values.Generate(pcg, null, out _))]));
        }
        return [.. rows];
    }

    private static void Encode(CopyRows copy, (int Index, Row Item) row)
    {
        copy.StartRow(columns: 4 + Kinds.Length);
        copy.Write((long)row.Index);
        copy.Write(row.Item.Small);
        copy.Write(row.Item.Id);
        copy.WriteJsonb("""{"a":[1,2.50]}"""u8);
        for (var i = 0; i < Kinds.Length; i++) BatchColumn.Write(copy, Kinds[i], row.Item.Values[i]);
    }

    private static async Task ImportAsync(NpgsqlConnection connection, Row[] rows)
    {
        await using var import = await connection.BeginBinaryImportAsync("copy theirs from stdin (format binary)");
        foreach (var (index, row) in rows.Index())
        {
            await import.StartRowAsync();
            await import.WriteAsync((long)index, NpgsqlDbType.Bigint);
            await import.WriteAsync(row.Small, NpgsqlDbType.Smallint);
            await import.WriteAsync(row.Id, NpgsqlDbType.Uuid);
            await import.WriteAsync("""{"a":[1,2.50]}""", NpgsqlDbType.Jsonb);
            foreach (var value in row.Values) await ImportAsync(import, value);
        }
        await import.CompleteAsync();
    }

    private static Task ImportAsync(NpgsqlBinaryImporter import, Value value) => value.Kind switch
    {
        ValueKind.Null => import.WriteNullAsync(),
        ValueKind.Integer => import.WriteAsync(value.Integer, NpgsqlDbType.Bigint),
        ValueKind.Number => import.WriteAsync(value.Number, NpgsqlDbType.Double),
        ValueKind.Decimal => import.WriteAsync(value.Decimal, NpgsqlDbType.Numeric),
        ValueKind.Boolean => import.WriteAsync(value.Boolean, NpgsqlDbType.Boolean),
        ValueKind.String => import.WriteAsync(PostgresText.Encode(value.String), NpgsqlDbType.Text),
        ValueKind.Timestamp => import.WriteAsync(value.Timestamp.ToDateTimeOffset().UtcDateTime, NpgsqlDbType.TimestampTz),
        ValueKind.Date => import.WriteAsync(value.Date, NpgsqlDbType.Date),
        _ => import.WriteAsync(TaggedJson.Write(value), NpgsqlDbType.Json),
    };

    private static string Spelt(Value value) =>
        value.Kind == ValueKind.Number ? BitConverter.DoubleToInt64Bits(value.Number).ToString("x16", null) : $"{value.Kind} {value}";

    private sealed record Row(short Small, Guid Id, Value[] Values);
}
