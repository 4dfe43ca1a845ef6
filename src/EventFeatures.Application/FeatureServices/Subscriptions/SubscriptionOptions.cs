namespace EventFeatures.Application.FeatureServices.Subscriptions;

/// <summary>What subscriptions to services' changes may take.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>How many are open at once in this process, each of which reads the log for itself. 1 or more. Default: 64.</summary>
    public int OpenMax { get; init; } = 64;

    /// <summary>How many changed entities wait for one subscriber. When there is no room the log is read on only as the subscriber takes some. 1 or more. Default: 1,024.</summary>
    public int WaitingMax { get; init; } = 1_024;

    /// <summary>How long a subscriber may take nothing before its subscription is ended. Default: 30 s.</summary>
    public TimeSpan SendMax { get; init; } = TimeSpan.FromSeconds(30);
}
