using EventFeatures.Api.V1;
using EventFeatures.Core.Time;

namespace EventFeatures.Testing.Systems;

/// <summary>Reads columns as their comments say, and gives the messages that stand for the same features.</summary>
public static class SpelledColumns
{
    /// <param name="columns">The columns.</param>
    /// <param name="names">Their names.</param>
    /// <param name="asOf">The instant that the values describe.</param>
    public static IEnumerable<FeatureValue> Spell(this FeatureColumns columns, IReadOnlyList<string> names, Instant asOf)
    {
        var (numbers, integers, others) = (columns.Numbers.GetEnumerator(), columns.Integers.GetEnumerator(), columns.Others.GetEnumerator());
        for (var i = 0; i < names.Count; i++)
        {
            var feature = new FeatureValue
            {
                Name = names[i],
                Value = columns.Kinds[i] switch
                {
                    ColumnKind.Null => new Value { Null = default },
                    ColumnKind.Number => new Value { Number = Next(numbers) },
                    ColumnKind.Integer => new Value { Integer = Next(integers) },
                    ColumnKind.Boolean => new Value { Boolean = Next(integers) == 1 },
                    ColumnKind.Other => Next(others),
                    var kind => throw new ArgumentOutOfRangeException(nameof(columns), kind, "No such kind is known."),
                },
                Status = columns.Statuses[i],
                Defaulted = columns.Defaulted.Contains((uint)i),
            };
            if (columns.OccurredAt[i] > 0)
            {
                var occurredAt = new Instant(columns.Instants[(int)columns.OccurredAt[i] - 1]);
                feature.OccurredAt = occurredAt.ToString();
                feature.AgeSeconds = (asOf.Microseconds - occurredAt.Microseconds) / 1e6;
            }
            yield return feature;
        }
    }

    private static T Next<T>(IEnumerator<T> column) => column.MoveNext() ? column.Current : throw new InvalidOperationException("A column ends before its kinds do.");
}
