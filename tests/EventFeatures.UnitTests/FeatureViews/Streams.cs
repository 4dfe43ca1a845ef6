using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Random streams of one card: out of order, with duplicated ids and nulls, and numbers chosen to hurt.</summary>
internal static class Streams
{
    private static readonly string[] Numbers =
    [
        "0", "-0.0", "0.1", "0.2", "-0.3", "1e308", "1.7e308", "-1.7e308", "-1e308", "5e-324", "-5e-324", "2.2250738585072014e-308", "1e-300",
        "9007199254740993", "1e16", "-1e16", "3.14", "123456.789", "1", "-1", "null",
    ];

    private static readonly string[] Decimals = ["0", "0.1", "-0.2", "12.34", "99999999999.99", "-0.0000001", "7", "1.50", "null"];

    private static readonly string[] Integers =
        ["0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993", "42", "null"];

    private static readonly string[] Countries = ["\"FR\"", "\"DE\"", "\"ES\"", "\"\"", "\"\\uD83D\\uDE00\"", "null"];

    /// <summary>Event times drift forward in steps of minutes, with jumps back of up to three hours and many ties.</summary>
    public static readonly Gen<IReadOnlyList<RecordedEvent>> Any =
        Gen.Select(Gen.Int[0, 40], Gen.Int[-180, 20], Gen.OneOf(Numbers), Gen.OneOf(Decimals), Gen.OneOf(Integers), Gen.OneOf(Countries), Gen.Int[0, 9])
            .List[0, 60]
            .Select(IReadOnlyList<RecordedEvent> (steps) =>
            {
                var events = new List<RecordedEvent>();
                var minute = 0;
                foreach (var (forward, back, number, exact, integer, country, dice) in steps)
                {
                    minute += forward;
                    var at = Cards.Noon + new Duration((minute + Math.Min(back, 0)) * 60_000_000L);
                    var members = $"\"amount\":{number},\"exact\":{exact},\"count\":{integer},\"country\":{country},\"approved\":{(dice % 3 == 0 ? "null" : dice % 2 == 0 ? "true" : "false")}";
                    var reused = dice == 9 && events.Count > 0 ? events[events.Count * 2 / 3].EventId : (Guid?)null;
                    events.Add(Cards.Paid(events.Count, at, members, reused));
                }
                return events;
            });

    /// <summary>Instants around those of the streams.</summary>
    public static readonly Gen<Instant> Instants = Gen.Int[-300, 2_000].Select(minutes => Cards.Noon + new Duration(minutes * 60_000_000L));

    public static readonly Gen<Window> Windows = Gen.OneOf<Window>(
        Cards.Ever, Cards.Last("1m"), Cards.Last("1h"), Cards.Last("7h"), Cards.Bucket("1h"), Cards.Bucket("1h", previous: true), Cards.Bucket("7m"), Cards.Bucket("5h", previous: true));
}
