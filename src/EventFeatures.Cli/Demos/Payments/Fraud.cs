using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Payments;

/// <summary>How stolen cards are used. Each pattern gives one episode's payments, in order.</summary>
internal sealed class Fraud(SplitMix64 random, IReadOnlyList<Merchant> merchants)
{
    /// <summary>Mean days between two episodes of one card.</summary>
    public const double EpisodeDays = 150;

    public IEnumerable<Payment> Episode(Card card, Instant start) => random.Whole(1, 100) switch
    {
        <= 32 => CardTesting(card, start),
        <= 57 => CrossBorder(card, start),
        <= 80 => Night(card, start),
        _ => Quiet(card, start),
    };

    // Many small tries within minutes to see whether the card works, then the haul.
    private IEnumerable<Payment> CardTesting(Card card, Instant at)
    {
        var device = card.NewDevice();
        for (var tries = random.Whole(4, 9); tries > 0; tries--)
        {
            at += Card.Hours(random.Between(0.005, 0.06));
            yield return Stolen(card, at, random.Between(0.5, 4), random.Pick(merchants), "online", device, declineChance: 0.3);
        }
        for (var hauls = random.Whole(0, 2); hauls > 0; hauls--)
        {
            at += Card.Hours(random.Between(0.1, 0.8));
            yield return Stolen(card, at, card.UsualAmount * random.Between(3, 10), Liquid(), "online", device, declineChance: 0.15);
        }
    }

    // A copied card in another country, in a hurry.
    private IEnumerable<Payment> CrossBorder(Card card, Instant at)
    {
        var country = random.Pick(Merchant.Countries);
        for (var payments = random.Whole(2, 5); payments > 0; payments--)
        {
            yield return Stolen(card, at, card.UsualAmount * random.Between(1.5, 6), card.MerchantIn(country), "pos", "chip", declineChance: 0.1);
            at += Card.Hours(random.Between(0.1, 0.7));
        }
    }

    // Large and online while the holder sleeps, from a device never seen.
    private IEnumerable<Payment> Night(Card card, Instant at)
    {
        var midnight = new Instant(at.Microseconds - at.Microseconds % 86_400_000_000) + Card.Hours(24);
        var device = card.NewDevice();
        at = midnight + Card.Hours(random.Between(0.5, 4.5));
        for (var payments = random.Whole(1, 3); payments > 0; payments--)
        {
            yield return Stolen(card, at, card.UsualAmount * random.Between(3, 12), Liquid(), "online", device, declineChance: 0.12);
            at += Card.Hours(random.Between(0.02, 0.3));
        }
    }

    // One payment that looks like the holder's own: what keeps any model from being perfect.
    private IEnumerable<Payment> Quiet(Card card, Instant at)
    {
        yield return card.At(at) with { IsFraud = true, DeclineChance = 0.03 };
    }

    private Payment Stolen(Card card, Instant at, double amount, Merchant merchant, string channel, string device, double declineChance) =>
        new(card, at, Payment.Price(amount), merchant, channel, device, IsFraud: true, declineChance);

    private Merchant Liquid()
    {
        while (true)
            if (random.Pick(merchants) is { IsLiquid: true } merchant)
                return merchant;
    }
}
