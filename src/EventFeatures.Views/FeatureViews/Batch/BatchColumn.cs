using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Batch;

/// <summary>
/// How a value of each kind stands in the batch table, so that it is read back with the same bits: NaN and -0.0 are
/// kept by double precision, and lists and objects are JSON text, which PostgreSQL stores verbatim in a
/// <c>json</c> column and would normalise in a <c>jsonb</c> one.
/// </summary>
internal static class BatchColumn
{
    public static string SqlType(ValueKind kind) => kind switch
    {
        ValueKind.Integer => "bigint",
        ValueKind.Number => "double precision",
        ValueKind.Decimal => "numeric",
        ValueKind.Boolean => "boolean",
        ValueKind.String => "text",
        ValueKind.Timestamp => "timestamptz",
        ValueKind.Date => "date",
        ValueKind.Array or ValueKind.Object => "json",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A column needs a type that values can have."),
    };

    public static void Write(CopyRows row, ValueKind kind, in Value value)
    {
        if (value.IsNull)
        {
            row.WriteNull();
            return;
        }
        if (value.Kind != kind)
            throw new InvalidOperationException($"A {kind} column of a batch view was given the {value.Kind} {value}. The view's rows must have the types of its columns.");
        switch (kind)
        {
            case ValueKind.Integer: row.Write(value.Integer); break;
            case ValueKind.Number: row.Write(value.Number); break;
            case ValueKind.Decimal: row.Write(value.Decimal); break;
            case ValueKind.Boolean: row.Write(value.Boolean); break;
            case ValueKind.String: row.Write(PostgresText.Encode(value.String)); break;
            case ValueKind.Timestamp: row.Write(value.Timestamp); break;
            case ValueKind.Date: row.Write(value.Date); break;
            default: row.Write(TaggedJson.Write(value)); break;
        }
    }

    public static Value Read(NpgsqlDataReader row, int ordinal, ValueKind kind)
    {
        if (row.IsDBNull(ordinal)) return Value.Null;
        return kind switch
        {
            ValueKind.Integer => Value.Of(row.GetInt64(ordinal)),
            ValueKind.Number => Value.Of(row.GetDouble(ordinal)),
            ValueKind.Decimal => Value.Of(row.GetDecimal(ordinal)),
            ValueKind.Boolean => Value.Of(row.GetBoolean(ordinal)),
            ValueKind.String => Value.Of(PostgresText.Decode(row.GetString(ordinal))),
            ValueKind.Timestamp => Value.Of(InstantOf(row.GetDateTime(ordinal))),
            ValueKind.Date => Value.Of(row.GetFieldValue<DateOnly>(ordinal)),
            _ => TaggedJson.Read(row.GetString(ordinal)),
        };
    }

    // An infinity comes without its kind, and would be taken for a time of the local zone.
    internal static Instant InstantOf(DateTime stored) => Instant.FromDateTimeOffset(new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));
}
