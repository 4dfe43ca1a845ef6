namespace EventFeatures.Cli.Demos.Payments;

/// <summary>Somewhere to pay.</summary>
/// <param name="Name">For example <c>m-0421</c>.</param>
/// <param name="Mcc">Merchant category code, ISO 18245.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="PriceFactor">How its prices compare with what a card usually pays.</param>
internal sealed record Merchant(string Name, string Mcc, string Country, double PriceFactor)
{
    /// <summary>Home markets first; a card lives in one of the first five.</summary>
    public static readonly string[] Countries = ["FR", "DE", "ES", "IT", "NL", "GB", "US"];

    // Groceries, restaurants, fuel, clothes, other shops, digital goods, electronics, jewellery, gambling, airlines.
    private static readonly (string Mcc, double Share, double PriceFactor)[] Categories =
    [
        ("5411", 0.30, 0.9), ("5812", 0.20, 0.8), ("5541", 0.10, 1.3), ("5651", 0.10, 1.5), ("5999", 0.12, 1.0),
        ("5816", 0.07, 0.4), ("5732", 0.04, 4.0), ("5944", 0.02, 4.5), ("7995", 0.02, 1.2), ("4511", 0.03, 5.0),
    ];

    /// <summary>Categories whose goods are soon sold on.</summary>
    public bool IsLiquid => Mcc is "5732" or "5944" or "5816" or "7995";

    public string Currency => Country switch { "GB" => "GBP", "US" => "USD", _ => "EUR" };

    public static Merchant Draw(SplitMix64 random, int number)
    {
        var point = random.Fraction();
        var category = Categories[^1];
        foreach (var candidate in Categories)
        {
            category = candidate;
            if ((point -= candidate.Share) < 0) break;
        }
        return new Merchant($"m-{number:0000}", category.Mcc, random.Pick(Countries), category.PriceFactor);
    }
}
