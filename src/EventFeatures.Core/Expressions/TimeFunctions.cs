using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// Functions of timestamps and dates, all in UTC and in the proleptic Gregorian calendar. <c>day_of_week</c> is ISO
/// 8601's: Monday is 1, Sunday 7.
/// </summary>
internal static class TimeFunctions
{
    private const long DayMicroseconds = 86_400_000_000;

    public static readonly IReadOnlyDictionary<string, Func<IReadOnlyList<Typed>, int, Typed>> All = new Dictionary<string, Func<IReadOnlyList<Typed>, int, Typed>>
    {
        ["year"] = (arguments, column) => OfDate("year", arguments, column, date => date.Year),
        ["month"] = (arguments, column) => OfDate("month", arguments, column, date => date.Month),
        ["day_of_month"] = (arguments, column) => OfDate("day_of_month", arguments, column, date => date.Day),
        ["day_of_year"] = (arguments, column) => OfDate("day_of_year", arguments, column, date => date.DayOfYear),
        ["day_of_week"] = (arguments, column) => OfDate("day_of_week", arguments, column, date => ((int)date.DayOfWeek + 6) % 7 + 1),
        ["hour_of_day"] = (arguments, column) => OfTime("hour_of_day", ValueKind.Integer, arguments, column, time => Value.Of(SinceMidnight(time) / 3_600_000_000)),
        ["minute_of_hour"] = (arguments, column) => OfTime("minute_of_hour", ValueKind.Integer, arguments, column, time => Value.Of(SinceMidnight(time) / 60_000_000 % 60)),
        ["date"] = (arguments, column) => OfTime("date", ValueKind.Date, arguments, column, time => Value.Of(DateOf(time))),
        ["epoch_seconds"] = (arguments, column) => OfTime("epoch_seconds", ValueKind.Number, arguments, column, time => Value.Of(ExactRatio.ToDouble(time.Microseconds, 1_000_000))),
        ["seconds_between"] = SecondsBetween,
        ["days_between"] = DaysBetween,
    };

    private static Typed OfDate(string name, IReadOnlyList<Typed> arguments, int column, Func<DateOnly, int> part)
    {
        FunctionCall.Arity(name, arguments, 1, 1, column);
        var argument = arguments[0];
        if (argument.Kind is not (ValueKind.Timestamp or ValueKind.Date or ValueKind.Null))
            throw new ExpressionException($"{name}() needs a timestamp or date and has {Typed.Name(argument.Kind)}.", argument.Column);
        return FunctionCall.Map(argument, ValueKind.Integer, column, value => Value.Of((long)part(value.Kind == ValueKind.Date ? value.Date : DateOf(value.Timestamp))));
    }

    private static Typed OfTime(string name, ValueKind result, IReadOnlyList<Typed> arguments, int column, Func<Instant, Value> apply)
    {
        FunctionCall.Arity(name, arguments, 1, 1, column);
        return FunctionCall.Map(FunctionCall.Of(name, arguments[0], ValueKind.Timestamp, "a timestamp"), result, column, value => apply(value.Timestamp));
    }

    private static Typed SecondsBetween(IReadOnlyList<Typed> arguments, int column)
    {
        var (from, to) = Two("seconds_between", arguments, ValueKind.Timestamp, "timestamps", column);
        return FunctionCall.Map(from, to, ValueKind.Number, column, (x, y) => Value.Of(ExactRatio.ToDouble((y.Timestamp - x.Timestamp).Microseconds, 1_000_000)));
    }

    private static Typed DaysBetween(IReadOnlyList<Typed> arguments, int column)
    {
        var (from, to) = Two("days_between", arguments, ValueKind.Date, "dates; date() makes one of a timestamp", column);
        return FunctionCall.Map(from, to, ValueKind.Integer, column, (x, y) => Value.Of((long)y.Date.DayNumber - x.Date.DayNumber));
    }

    // A text constant is read as what it has to be, as in comparisons.
    private static (Typed From, Typed To) Two(string name, IReadOnlyList<Typed> arguments, ValueKind kind, string wanted, int column)
    {
        FunctionCall.Arity(name, arguments, 2, 2, column);
        Typed Read(Typed argument) => argument is { Kind: ValueKind.String, Constant: not null } ? argument.As(kind) : FunctionCall.Of(name, argument, kind, wanted);
        return (Read(arguments[0]), Read(arguments[1]));
    }

    private static DateOnly DateOf(Instant time) => DateOnly.FromDateTime(time.ToDateTimeOffset().UtcDateTime);

    private static long SinceMidnight(Instant time) => (time.Microseconds % DayMicroseconds + DayMicroseconds) % DayMicroseconds;
}
