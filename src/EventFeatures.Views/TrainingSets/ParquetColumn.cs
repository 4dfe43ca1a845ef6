using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using Parquet;
using Parquet.Schema;

namespace EventFeatures.Views.TrainingSets;

/// <summary>One column of a training set as a nullable Parquet column. Lists and objects are JSON text.</summary>
internal abstract class ParquetColumn(DataField field)
{
    private const int DecimalPrecision = 38;
    private const int DecimalScale = 18;

    public DataField Field { get; } = field;

    public static ParquetColumn Of(TrainingColumn column) => column.Kind switch
    {
        ValueKind.Integer => new Plain<long>(column, value => value.Integer),
        ValueKind.Number => new Plain<double>(column, value => value.Number),
        ValueKind.Boolean => new Plain<bool>(column, value => value.Boolean),
        ValueKind.Date => new Plain<DateOnly>(column, value => value.Date),
        ValueKind.Decimal => new Plain<decimal>(
            column, value => Exact(column, value.Decimal), new DecimalDataField(column.Name, DecimalPrecision, DecimalScale, isNullable: true)),
        ValueKind.Timestamp => new Plain<DateTime>(
            column, value => value.Timestamp.ToDateTimeOffset().UtcDateTime,
            new DateTimeDataField(column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Micros, isNullable: true)),
        ValueKind.String => new Text(column, value => value.String),
        ValueKind.Array or ValueKind.Object => new Text(column, value => value.ToString()),
        // Every value of the column is null, so any type says as much.
        ValueKind.Null => new Text(column, _ => null),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Kind, "Such a column cannot be written."),
    };

    public abstract Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<IReadOnlyList<Value>> rows, int index, CancellationToken cancellation);

    private static decimal Exact(TrainingColumn column, decimal value) =>
        value.Scale <= DecimalScale && Math.Abs(value) < 100_000_000_000_000_000_000m
            ? value
            : throw new ArgumentException($"Column '{column.Name}' holds {value}, which decimal({DecimalPrecision},{DecimalScale}) cannot hold exactly. Use a number, or round in the feature's expression.");

    private static void RefuseOther(TrainingColumn column, in Value value)
    {
        if (value.Kind != column.Kind)
            throw new ArgumentException($"Column '{column.Name}' is {column.Kind} but a row holds the {value.Kind} {value}. Declare the column with the type of its values.");
    }

    private sealed class Plain<T>(TrainingColumn column, Func<Value, T> read, DataField? field = null)
        : ParquetColumn(field ?? new DataField(column.Name, typeof(T), isNullable: true)) where T : struct
    {
        public override Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<IReadOnlyList<Value>> rows, int index, CancellationToken cancellation)
        {
            var values = new T?[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                var value = rows[i][index];
                if (value.IsNull) continue;
                RefuseOther(column, value);
                values[i] = read(value);
            }
            return group.WriteAsync<T>(Field, values, cancellationToken: cancellation);
        }
    }

    private sealed class Text(TrainingColumn column, Func<Value, string?> read) : ParquetColumn(new DataField(column.Name, typeof(string), isNullable: true))
    {
        public override Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<IReadOnlyList<Value>> rows, int index, CancellationToken cancellation)
        {
            var values = new string?[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                var value = rows[i][index];
                if (value.IsNull) continue;
                RefuseOther(column, value);
                values[i] = read(value);
            }
            return group.WriteAsync(Field, values!);
        }
    }
}
