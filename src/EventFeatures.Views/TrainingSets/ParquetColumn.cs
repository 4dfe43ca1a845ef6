using EventFeatures.Core.Decisions;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using Parquet;
using Parquet.Schema;

namespace EventFeatures.Views.TrainingSets;

/// <summary>One column of a training set as a nullable Parquet column, filled row by row. Lists and objects are JSON text.</summary>
internal abstract class ParquetColumn(DataField field)
{
    private const int DecimalPrecision = 38;
    private const int DecimalScale = 18;

    public DataField Field { get; } = field;

    /// <summary>An empty column.</summary>
    public static ParquetColumn Of(TrainingColumn column) => Of(column, FieldOf(column));

    /// <summary>Another empty column of the same field of the file.</summary>
    public static ParquetColumn Of(TrainingColumn column, DataField field) => column.Kind switch
    {
        ValueKind.Integer => new Plain<long>(column, field, value => value.Integer),
        ValueKind.Number => new Plain<double>(column, field, value => value.Number),
        ValueKind.Boolean => new Plain<bool>(column, field, value => value.Boolean),
        ValueKind.Date => new Plain<DateOnly>(column, field, value => value.Date),
        ValueKind.Decimal => new Plain<decimal>(column, field, value => Exact(column, value.Decimal)),
        ValueKind.Timestamp => new Plain<DateTime>(column, field, value => value.Timestamp.ToDateTimeOffset().UtcDateTime),
        ValueKind.String => new Text(column, field, value => value.String),
        ValueKind.Array or ValueKind.Object => new Text(column, field, value => value.ToString()),
        // Every value of the column is null, so any type says as much.
        _ => new Text(column, field, _ => null),
    };

    private static DataField FieldOf(TrainingColumn column) => column.Kind switch
    {
        ValueKind.Integer => new DataField(column.Name, typeof(long), isNullable: true),
        ValueKind.Number => new DataField(column.Name, typeof(double), isNullable: true),
        ValueKind.Boolean => new DataField(column.Name, typeof(bool), isNullable: true),
        ValueKind.Date => new DataField(column.Name, typeof(DateOnly), isNullable: true),
        ValueKind.Decimal => new DecimalDataField(column.Name, DecimalPrecision, DecimalScale, isNullable: true),
        ValueKind.Timestamp => new DateTimeDataField(column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Micros, isNullable: true),
        ValueKind.String or ValueKind.Array or ValueKind.Object or ValueKind.Null => new DataField(column.Name, typeof(string), isNullable: true),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Kind, "Such a column cannot be written."),
    };

    /// <summary>Takes the next row's value.</summary>
    /// <exception cref="ArgumentException">It is of another type than the column.</exception>
    /// <exception cref="RefusedException">It does not fit the column.</exception>
    public abstract void Add(in Value value);

    /// <summary>Writes what was added as the next column of a row group, and forgets it.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellation);

    private static decimal Exact(TrainingColumn column, decimal value) =>
        value.Scale <= DecimalScale && Math.Abs(value) < 100_000_000_000_000_000_000m
            ? value
            : throw Decision.Rejected(
                "decimal-does-not-fit", $"Column '{column.Name}' holds {value}, which decimal({DecimalPrecision},{DecimalScale}) cannot hold exactly.",
                "Round it in the feature's expression, or make it a number.");

    private static void RefuseOther(TrainingColumn column, in Value value)
    {
        if (value.Kind != column.Kind)
            throw new ArgumentException($"Column '{column.Name}' is {column.Kind} but a row holds the {value.Kind} {value}. Declare the column with the type of its values.");
    }

    private sealed class Plain<T>(TrainingColumn column, DataField field, Func<Value, T> read) : ParquetColumn(field) where T : struct
    {
        private T?[] _values = new T?[64];
        private int _count;

        public override void Add(in Value value)
        {
            if (_count == _values.Length) Array.Resize(ref _values, 2 * _count);
            if (value.IsNull)
            {
                _values[_count++] = null;
                return;
            }
            RefuseOther(column, value);
            _values[_count++] = read(value);
        }

        public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellation)
        {
            await group.WriteAsync<T>(Field, _values.AsMemory(0, _count), cancellationToken: cancellation);
            _count = 0;
        }
    }

    private sealed class Text(TrainingColumn column, DataField field, Func<Value, string?> read) : ParquetColumn(field)
    {
        private readonly List<string?> _values = [];

        public override void Add(in Value value)
        {
            if (!value.IsNull) RefuseOther(column, value);
            _values.Add(value.IsNull ? null : read(value));
        }

        public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            await group.WriteAsync(Field, _values!);
            _values.Clear();
        }
    }
}
