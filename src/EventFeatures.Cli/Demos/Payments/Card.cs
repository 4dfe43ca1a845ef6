using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>A card and the habits of its holder.</summary>
internal sealed class Card
{
    // Average share of a day's payments by hour, for those who sleep at night; others live five to nine hours later.
    private static readonly double[] HourWeights =
        [0.05, 0.03, 0.02, 0.02, 0.03, 0.08, 0.25, 0.5, 0.7, 0.7, 0.75, 0.9, 1, 0.9, 0.7, 0.7, 0.8, 0.95, 1, 0.9, 0.6, 0.4, 0.25, 0.12];

    private readonly SplitMix64 _random;
    private readonly Merchant[] _favourites;
    private readonly IReadOnlyList<Merchant> _merchants;
    private readonly double _paymentsPerDay;
    private readonly double _onlineShare;
    private readonly int _hoursLater;
    private string _device;
    private Instant _tripStart;
    private Instant _tripEnd;
    private string _tripCountry;

    public Card(int number, SplitMix64 random, IReadOnlyList<Merchant> merchants, Instant start)
    {
        Number = number;
        _random = random;
        _merchants = merchants;
        Home = Merchant.Countries[Math.Min(random.Whole(0, 7), random.Whole(0, 4))];
        _favourites = [.. Enumerable.Range(0, random.Whole(4, 10)).Select(_ => MerchantIn(Home))];
        _paymentsPerDay = 0.35 + random.Exponential(1.1);
        _onlineShare = random.Between(0.1, 0.55);
        _hoursLater = random.Chance(0.12) ? random.Whole(5, 9) : random.Whole(-1, 1);
        UsualAmount = Math.Exp(random.Between(2.2, 4.2));
        _device = NewDevice();
        _tripCountry = random.Pick(Merchant.Countries);
        PlanTrip(start);
    }

    public int Number { get; }

    public string Home { get; }

    /// <summary>The median of what the holder pays.</summary>
    public double UsualAmount { get; }

    /// <summary>When the holder next pays after <paramref name="after"/>: at an hour when they are awake.</summary>
    public Instant NextTime(Instant after)
    {
        var at = after;
        do at += Hours(_random.Exponential(24 / (_paymentsPerDay * 2.2)));
        while (!_random.Chance(HourWeights[((int)(at.Microseconds / 3_600_000_000 % 24) - _hoursLater + 24) % 24]));
        return at;
    }

    /// <summary>One honest payment at this time, which must not be before that of an earlier call.</summary>
    public Payment At(Instant at)
    {
        if (at > _tripEnd) PlanTrip(at);
        var isAway = at >= _tripStart && _random.Chance(0.85);
        var isOnline = !isAway && _random.Chance(_onlineShare);
        var merchant = isAway ? MerchantIn(_tripCountry)
            : isOnline && _random.Chance(0.25) ? _random.Pick(_merchants)
            : _random.Chance(0.7) ? _random.Pick(_favourites)
            : MerchantIn(Home);
        if (isOnline && _random.Chance(0.02)) _device = NewDevice();
        var rare = _random.Chance(0.015) ? _random.Between(4, 12) : 1;
        var amount = UsualAmount * merchant.PriceFactor * rare * Math.Exp(0.55 * _random.Normal());
        return new Payment(this, at, Payment.Price(amount), merchant, isOnline ? "online" : "pos", isOnline ? _device : "chip",
            IsFraud: false, DeclineChance: 0.02);
    }

    public string NewDevice() => $"d-{_random.Next() >> 40:x6}";

    public Merchant MerchantIn(string country)
    {
        while (true)
            if (_random.Pick(_merchants) is var merchant && merchant.Country == country)
                return merchant;
    }

    public static Duration Hours(double hours) => new((long)(hours * 3_600_000_000));

    private void PlanTrip(Instant after)
    {
        _tripStart = after + Hours(24 * _random.Exponential(70));
        _tripEnd = _tripStart + Hours(24 * _random.Between(2, 9));
        _tripCountry = _random.Pick(Merchant.Countries);
    }
}
