using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>A payment about to be made.</summary>
/// <param name="Card">Who pays, or seems to.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Amount">Two decimals, more than 0.</param>
/// <param name="Merchant">Where.</param>
/// <param name="Channel"><c>pos</c> or <c>online</c>.</param>
/// <param name="Device">The device of an online payment; <c>chip</c> at a terminal.</param>
/// <param name="IsFraud">The truth, which leaves the simulation only as a chargeback.</param>
/// <param name="DeclineChance">How likely the issuer declines it.</param>
internal sealed record Payment(
    Card Card, Instant OccurredAt, decimal Amount, Merchant Merchant, string Channel, string Device,
    bool IsFraud, double DeclineChance)
{
    /// <summary>A price as people are charged it: at least half a unit, whole cents.</summary>
    public static decimal Price(double amount) => Math.Round((decimal)Math.Clamp(amount, 0.5, 20_000), 2);
}
