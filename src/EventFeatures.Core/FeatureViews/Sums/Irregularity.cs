namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>Which of the numbers that are not finite were among the terms of a sum.</summary>
[Flags]
internal enum Irregularity : byte { None = 0, NaN = 1, PositiveInfinity = 2, NegativeInfinity = 4 }

/// <summary>What terms that are not finite make of a sum.</summary>
internal static class Irregularities
{
    /// <summary>Of one number, which is not finite.</summary>
    public static Irregularity Of(double number) =>
        double.IsNaN(number) ? Irregularity.NaN : number > 0 ? Irregularity.PositiveInfinity : Irregularity.NegativeInfinity;

    /// <summary>The sum: an infinity, NaN where there is one or where infinities meet, or null where all terms are finite.</summary>
    public static double? Result(this Irregularity irregularity) => irregularity switch
    {
        Irregularity.None => null,
        Irregularity.PositiveInfinity => double.PositiveInfinity,
        Irregularity.NegativeInfinity => double.NegativeInfinity,
        _ => double.NaN,
    };
}
