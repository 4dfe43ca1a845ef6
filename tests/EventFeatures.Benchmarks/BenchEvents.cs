using System.Globalization;
using System.Text;
using EventFeatures.Api.V1;
using Google.Protobuf;

namespace EventFeatures.Benchmarks;

/// <summary>A seeded stream of payments: 2,000 cards, an event a second over all of them.</summary>
internal static class BenchEvents
{
    public const int Cards = 2_000;

    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Card(long number) => (number * 7919 % Cards).ToString(CultureInfo.InvariantCulture);

    public static string Time(long number) =>
        Begin.AddSeconds(number).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static byte[] Payload(long number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""{"amount":{{5 + number * 31 % 997 / 4.0}},"country":"{{(number % 13 == 0 ? "DE" : "FR")}}","merchant":"m{{number % 97}}","status":"{{(number % 11 == 0 ? "declined" : "approved")}}","occurred_at":"{{Time(number)}}"}"""));

    public static AppendRequest Append(long number) => new()
    {
        Stream = "benchcard-" + Card(number),
        Events = { new Event { EventId = Guid.NewGuid().ToString(), Type = "PaymentAuthorised", Data = ByteString.CopyFrom(Payload(number)) } },
    };
}
