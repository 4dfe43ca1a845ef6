using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>How events travel: mostly at once, sometimes out of order, rarely too late, now and then twice.</summary>
public sealed class Arrivals(SplitMix64 random)
{
    /// <summary>The longest that a chargeback takes to be known, counted from its payment.</summary>
    public static readonly Duration DisputeMax = Duration.Parse("9d");

    /// <summary>From happening to being known.</summary>
    public Duration Delay() => random.Fraction() switch
    {
        < 0.900 => Milliseconds(random.Between(30, 900)),
        < 0.990 => Milliseconds(random.Between(1_000, 180_000)),
        // A terminal that was offline for a while: out of order, yet within the contract's two hours.
        < 0.997 => Card.Hours(random.Between(0.05, 1.9)),
        // A terminal that was offline for a day: too late if its card paid meanwhile.
        _ => Card.Hours(random.Between(3, 30)),
    };

    /// <summary>Whether the producer sends it again, unsure whether it arrived.</summary>
    public bool IsRedelivered() => random.Chance(0.005);

    public Duration RedeliveryDelay() => Milliseconds(random.Between(200, 600_000));

    /// <summary>Most holders notice; a few dispute what they bought.</summary>
    public bool IsDisputed(bool isFraud) => random.Chance(isFraud ? 0.93 : 0.0004);

    public Duration DisputeDelay() => Card.Hours(24 * random.Between(1.5, 8));

    public Duration DisputeProcessing() => Card.Hours(random.Between(0.2, 20));

    private static Duration Milliseconds(double milliseconds) => new((long)(milliseconds * 1_000));
}
