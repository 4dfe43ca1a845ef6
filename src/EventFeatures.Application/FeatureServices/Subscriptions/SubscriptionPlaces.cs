using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;

namespace EventFeatures.Application.FeatureServices.Subscriptions;

/// <summary>Bounds how many subscriptions are open.</summary>
public sealed class SubscriptionPlaces(SubscriptionOptions options)
{
    private int _taken;

    /// <summary>How many are open now.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <exception cref="RefusedException">All places are taken.</exception>
    internal IDisposable Take()
    {
        if (Interlocked.Increment(ref _taken) > options.OpenMax)
        {
            Interlocked.Decrement(ref _taken);
            throw Decision.Rejected("subscriptions-full", $"There are {options.OpenMax} subscriptions open already.", "End one, have several readers share one, or ask another worker.");
        }
        ApplicationTelemetry.Subscriptions.Add(1);
        return new Place(this);
    }

    private sealed class Place(SubscriptionPlaces places) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) != 0) return;
            Interlocked.Decrement(ref places._taken);
            ApplicationTelemetry.Subscriptions.Add(-1);
        }
    }
}
