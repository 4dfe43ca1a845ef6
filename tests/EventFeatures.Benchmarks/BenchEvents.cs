using System.Globalization;
using System.Text;
using EventFeatures.Api.V1;
using Google.Protobuf;

namespace EventFeatures.Benchmarks;

/// <summary>A seeded stream of payments, an event a second: of 2,000 cards, or of 100,000.</summary>
internal static class BenchEvents
{
    public const int Cards = 2_000;

    public const int ManyCards = 100_000;

    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Card(long number) => (number * 7919 % Cards).ToString(CultureInfo.InvariantCulture);

    public static string CardOfMany(long number) => (number * 7919 % ManyCards).ToString(CultureInfo.InvariantCulture);

    /// <summary>What an event says was paid: a multiple of a quarter, of which sums are exact.</summary>
    public static double Amount(long number) => 5 + number * 31 % 997 / 4.0;

    public static string Time(long number) =>
        Begin.AddSeconds(number).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static long Microseconds(long number) => (Begin.AddSeconds(number) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static byte[] Payload(long number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""{"amount":{{Amount(number)}},"country":"{{(number % 13 == 0 ? "DE" : "FR")}}","merchant":"m{{number % 97}}","status":"{{(number % 11 == 0 ? "declined" : "approved")}}","occurred_at":"{{Time(number)}}"}"""));

    public static AppendRequest Append(long number) => AppendTo("benchcard-" + Card(number), number);

    public static AppendRequest AppendToMany(long number) => AppendTo("benchmany-" + CardOfMany(number), number);

    private static AppendRequest AppendTo(string stream, long number) => new()
    {
        Stream = stream,
        Events = { new Event { EventId = Guid.NewGuid().ToString(), Type = "PaymentAuthorised", Data = ByteString.CopyFrom(Payload(number)) } },
    };
}
