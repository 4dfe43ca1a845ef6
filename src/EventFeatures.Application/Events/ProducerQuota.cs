namespace EventFeatures.Application.Events;

/// <summary>What one producer may append. What is left out is not limited.</summary>
/// <param name="EventsPerSecond">Events a second, on average. Range: 1 to 10^9.</param>
/// <param name="BytesPerSecond">Bytes of payload a second, on average. Range: 1 to 10^12.</param>
public sealed record ProducerQuota(long? EventsPerSecond = null, long? BytesPerSecond = null)
{
    /// <summary>No limit.</summary>
    public static readonly ProducerQuota Unlimited = new();

    internal const long EventsPerSecondMax = 1_000_000_000;
    internal const long BytesPerSecondMax = 1_000_000_000_000;
    internal static readonly TimeSpan BurstMin = TimeSpan.FromMilliseconds(100);
    internal static readonly TimeSpan BurstMax = TimeSpan.FromHours(1);

    /// <summary>
    /// How much of its rate a quiet producer may save up and send at once, as the time in which it is saved.
    /// Range: 100 ms to 1 h. Default: 1 s.
    /// </summary>
    public TimeSpan Burst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether it lets everything pass.</summary>
    public bool IsUnlimited => EventsPerSecond is null && BytesPerSecond is null;

    /// <summary>Adds what is impossible about it, named after whose it is.</summary>
    internal void Check(string whose, List<string> wrong)
    {
        if (EventsPerSecond is < 1 or > EventsPerSecondMax) wrong.Add(FormattableString.Invariant($"{whose} has {EventsPerSecond} events a second; it must be 1 to {EventsPerSecondMax}"));
        if (BytesPerSecond is < 1 or > BytesPerSecondMax) wrong.Add(FormattableString.Invariant($"{whose} has {BytesPerSecond} bytes a second; it must be 1 to {BytesPerSecondMax}"));
        if (Burst < BurstMin || Burst > BurstMax) wrong.Add($"{whose} has a burst of {Burst}; it must be 100 ms to 1 h");
    }
}
