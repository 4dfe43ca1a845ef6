using EventFeatures.Api.V1;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Server.Api;

/// <summary>Features as columns, which need no message each.</summary>
internal static class FeatureColumnMessages
{
    /// <summary>The columns of features, without their names.</summary>
    public static FeatureColumns ToColumns(this IReadOnlyList<ServiceValue> values)
    {
        var columns = new FeatureColumns();
        columns.Kinds.Capacity = columns.Statuses.Capacity = columns.OccurredAt.Capacity = values.Count;
        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i];
            columns.Kinds.Add(Add(value.Value, columns));
            columns.Statuses.Add(FeatureMessages.ToMessage(value.Status));
            columns.OccurredAt.Add(PlaceOf(value.OccurredAt, columns));
            if (value.Defaulted) columns.Defaulted.Add((uint)i);
        }
        return columns;
    }

    /// <summary>Says which names the columns are of, and spells them out for whoever does not know them.</summary>
    public static FeatureColumns Named(this FeatureColumns columns, IReadOnlyList<string> names, string knownDigest)
    {
        columns.NamesDigest = NamesDigests.Of(names);
        if (columns.NamesDigest != knownDigest) columns.Names.Add(names);
        return columns;
    }

    private static ColumnKind Add(in Core.Values.Value value, FeatureColumns columns)
    {
        switch (value.Kind)
        {
            case ValueKind.Null:
                return ColumnKind.Null;
            case ValueKind.Number:
                columns.Numbers.Add(value.Number);
                return ColumnKind.Number;
            case ValueKind.Integer:
                columns.Integers.Add(value.Integer);
                return ColumnKind.Integer;
            case ValueKind.Boolean:
                columns.Integers.Add(value.Boolean ? 1 : 0);
                return ColumnKind.Boolean;
            default:
                columns.Others.Add(value.ToMessage());
                return ColumnKind.Other;
        }
    }

    // All features of an entity's view have the same, so the last one is nearly always it.
    private static uint PlaceOf(Instant? instant, FeatureColumns columns)
    {
        if (instant is not { } occurredAt) return 0;
        for (var place = columns.Instants.Count; place > 0; place--)
            if (columns.Instants[place - 1] == occurredAt.Microseconds) return (uint)place;
        columns.Instants.Add(occurredAt.Microseconds);
        return (uint)columns.Instants.Count;
    }
}
