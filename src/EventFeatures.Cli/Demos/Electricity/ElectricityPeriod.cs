using System.Text.Json;
using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Electricity;

/// <summary>One half-hour of the New South Wales electricity market.</summary>
/// <param name="Index">From 0; 48 a day.</param>
/// <param name="OccurredAt">Its start.</param>
/// <param name="Period">The time of day, 0 to 1.</param>
/// <param name="NswPrice">Scaled to 0-1, as are the other four.</param>
/// <param name="NswDemand">Demand in New South Wales.</param>
/// <param name="VicPrice">Price in Victoria.</param>
/// <param name="VicDemand">Demand in Victoria.</param>
/// <param name="Transfer">Scheduled transfer between the two.</param>
/// <param name="IsUp">Whether the price stood above its average of the last 24 hours: the label.</param>
public sealed record ElectricityPeriod(
    int Index, Instant OccurredAt, double Period, double NswPrice, double NswDemand, double VicPrice, double VicDemand, double Transfer, bool IsUp)
{
    /// <summary>The stream of all periods.</summary>
    public const string Stream = "market-nsw";

    /// <summary>The event's type.</summary>
    public const string Type = "PeriodSettled";

    /// <summary>How long a period is.</summary>
    public static readonly Duration Length = Duration.Parse("30m");

    /// <summary>When its prices are settled, and whether they rose is known.</summary>
    public Instant SettledAt => OccurredAt + Length;

    /// <summary>The period as an event, known when it is over. Its id follows from its index, so that sending it again is harmless.</summary>
    public SimulatedEvent ToEvent()
    {
        using var buffer = new MemoryStream(320);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("period", Period);
            writer.WriteNumber("nswprice", NswPrice);
            writer.WriteNumber("nswdemand", NswDemand);
            writer.WriteNumber("vicprice", VicPrice);
            writer.WriteNumber("vicdemand", VicDemand);
            writer.WriteNumber("transfer", Transfer);
            writer.WriteNumber("up", IsUp ? 1 : 0);
            writer.WriteString("occurred_at", OccurredAt.ToString());
            writer.WriteEndObject();
        }
        return new SimulatedEvent(Stream, new SplitMix64((ulong)Index ^ 0xE1EC2).Id(), Type, buffer.ToArray(), OccurredAt, SettledAt);
    }
}
