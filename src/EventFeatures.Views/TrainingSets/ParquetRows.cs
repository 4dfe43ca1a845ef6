using System.Runtime.CompilerServices;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Parquet;
using Parquet.Schema;

namespace EventFeatures.Views.TrainingSets;

/// <summary>
/// A Parquet file of flat columns, row by row; one row group of it is in memory at a time. Unsigned and short integers are
/// integers, single-precision numbers are doubles of the same value, times without a zone are UTC, and ids are text.
/// </summary>
public sealed class ParquetRows : IAsyncDisposable
{
    private const string WriteAnew = "Check that the file is a whole Parquet file, and write it anew if it is not.";

    private readonly ParquetReader _reader;
    private readonly DataField[] _fields;

    private ParquetRows(ParquetReader reader) => (_reader, _fields) = (reader, reader.Schema.DataFields);

    /// <summary>The columns' names, in the file's order.</summary>
    public IReadOnlyList<string> Names => [.. _fields.Select(one => one.Name)];

    /// <summary>Opens a file that can be read at any place.</summary>
    /// <exception cref="InvalidDataException">It is no Parquet file, or has columns that are not flat.</exception>
    public static async Task<ParquetRows> OpenAsync(Stream file, CancellationToken cancellation = default)
    {
        ParquetReader reader;
        try
        {
            reader = await ParquetReader.CreateAsync(file, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (Exception unreadable) when (unreadable is not OperationCanceledException)
        {
            throw new InvalidDataException($"This cannot be read as Parquet: {unreadable.Message.TrimEnd('.')}. {WriteAnew}", unreadable);
        }
        if (reader.Schema.Fields.FirstOrDefault(field => field is not DataField { IsArray: false }) is not { } nested) return new ParquetRows(reader);
        await reader.DisposeAsync().ConfigureAwait(false);
        throw new InvalidDataException($"Column '{nested.Name}' holds lists or objects. Keep flat columns alone: texts, numbers, booleans, times and dates.");
    }

    /// <summary>The rows, each with its number from 1 and its values in the order of the columns.</summary>
    /// <exception cref="InvalidDataException">A column is of a type that no value has, or cannot be decoded.</exception>
    public async IAsyncEnumerable<(long Number, IReadOnlyList<Value> Values)> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var number = 0L;
        for (var i = 0; i < _reader.RowGroupCount; i++)
        {
            using var group = _reader.OpenRowGroupReader(i);
            var columns = new Value[_fields.Length][];
            for (var column = 0; column < columns.Length; column++) columns[column] = await ColumnAsync(group, _fields[column], number, cancellation).ConfigureAwait(false);
            for (var row = 0; row < group.RowCount; row++) yield return (++number, Array.ConvertAll(columns, column => column[row]));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private static async Task<Value[]> ColumnAsync(ParquetRowGroupReader group, DataField field, long before, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(group, field, cancellation).ConfigureAwait(false);
        }
        catch (Exception unreadable) when (unreadable is not (OperationCanceledException or InvalidDataException))
        {
            throw new InvalidDataException($"Column '{field.Name}' cannot be read after row {before}: {unreadable.Message.TrimEnd('.')}. {WriteAnew}", unreadable);
        }
    }

    private static Task<Value[]> ReadAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancellation)
    {
        var type = field.ClrType;
        if (type == typeof(string) || type == typeof(ReadOnlyMemory<char>)) return TextAsync(group, field, cancellation);
        if (type == typeof(bool)) return Read<bool>(Value.Of);
        if (type == typeof(long)) return Read<long>(Value.Of);
        if (type == typeof(int)) return Read<int>(value => Value.Of((long)value));
        if (type == typeof(short)) return Read<short>(value => Value.Of((long)value));
        if (type == typeof(sbyte)) return Read<sbyte>(value => Value.Of((long)value));
        if (type == typeof(byte)) return Read<byte>(value => Value.Of((long)value));
        if (type == typeof(ushort)) return Read<ushort>(value => Value.Of((long)value));
        if (type == typeof(uint)) return Read<uint>(value => Value.Of((long)value));
        if (type == typeof(ulong)) return Read<ulong>(value => Value.Of(Signed(value)));
        if (type == typeof(double)) return Read<double>(Value.Of);
        if (type == typeof(float)) return Read<float>(value => Value.Of((double)value));
        if (type == typeof(decimal)) return Read<decimal>(Value.Of);
        if (type == typeof(DateTime)) return Read<DateTime>(Of);
        if (type == typeof(DateOnly)) return Read<DateOnly>(Value.Of);
        if (type == typeof(Guid)) return Read<Guid>(value => Value.Of(value.ToString()));
        throw new InvalidDataException($"Column '{field.Name}' is of type {type.Name}, which is no type of a value. Keep texts, numbers, booleans, times and dates.");

        long Signed(ulong value) => value <= long.MaxValue
            ? (long)value
            : throw new InvalidDataException($"Column '{field.Name}' holds {value}, which is above {long.MaxValue}, the largest integer. Write the column as text.");

        Task<Value[]> Read<T>(Func<T, Value> of) where T : struct => PlainAsync(group, field, of, cancellation);

        Value Of(DateTime value) => field is DateTimeDataField { DateTimeFormat: DateTimeFormat.Date }
            ? Value.Of(DateOnly.FromDateTime(value))
            : Value.Of(Instant.FromDateTimeOffset(new DateTimeOffset(DateTime.SpecifyKind(value, DateTimeKind.Utc))));
    }

    private static async Task<Value[]> PlainAsync<T>(ParquetRowGroupReader group, DataField field, Func<T, Value> of, CancellationToken cancellation) where T : struct
    {
        if (!field.IsNullable)
        {
            var plain = new T[group.RowCount];
            await group.ReadAsync(field, plain.AsMemory(), cancellationToken: cancellation).ConfigureAwait(false);
            return Array.ConvertAll(plain, value => of(value));
        }
        var values = new T?[group.RowCount];
        await group.ReadAsync<T>(field, values.AsMemory(), cancellationToken: cancellation).ConfigureAwait(false);
        return Array.ConvertAll(values, value => value is { } known ? of(known) : Value.Null);
    }

    private static async Task<Value[]> TextAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancellation)
    {
        var values = new string?[group.RowCount];
        await group.ReadAsync(field, values.AsMemory()!, cancellationToken: cancellation).ConfigureAwait(false);
        return Array.ConvertAll(values, value => value is null ? Value.Null : Value.Of(value));
    }
}
