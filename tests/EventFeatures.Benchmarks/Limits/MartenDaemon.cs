using System.Diagnostics;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Aggregation;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>
/// Marten's own event store and asynchronous daemon: as many events of as many cards as a view has, and a projection
/// that keeps a document a card with five plain totals, without windows, lineage or history.
/// </summary>
internal static class MartenDaemon
{
    private const int AppendEvents = 5_000;

    /// <summary>Events a second, from the daemon's start until nothing is stale.</summary>
    public static async Task<double> MeasureAsync(string connectionString, Func<long, string> entityOf, int events)
    {
        await using var store = DocumentStore.For(options =>
        {
            options.Connection(connectionString);
            options.DatabaseSchemaName = "bench_marten";
            options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
            options.DisableNpgsqlLogging = true;
            options.UseSystemTextJsonForSerialization();
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
            options.Projections.Add<TotalsProjection>(ProjectionLifecycle.Async);
        });
        await store.Advanced.Clean.CompletelyRemoveAllAsync().ConfigureAwait(false);
        for (var done = 0; done < events; done += AppendEvents)
        {
            await using var session = store.LightweightSession();
            foreach (var stream in Enumerable.Range(done, Math.Min(AppendEvents, events - done)).GroupBy(number => entityOf(number)))
                session.Events.Append("card-" + stream.Key, stream.Select(object (number) => Paid.Of(number)));
            await session.SaveChangesAsync().ConfigureAwait(false);
        }
        using var daemon = await store.BuildProjectionDaemonAsync().ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        await daemon.StartAllAsync().ConfigureAwait(false);
        await daemon.WaitForNonStaleData(TimeSpan.FromMinutes(5)).ConfigureAwait(false);
        var elapsed = watch.Elapsed;
        await daemon.StopAllAsync().ConfigureAwait(false);
        await store.Advanced.Clean.CompletelyRemoveAllAsync().ConfigureAwait(false);
        return events / elapsed.TotalSeconds;
    }

    /// <summary>A payment as Marten stores it.</summary>
    public sealed record Paid(double Amount, string Country, string Merchant, string Status, string OccurredAt)
    {
        public static Paid Of(long number) => new(BenchEvents.Amount(number), number % 13 == 0 ? "DE" : "FR", $"m{number % 97}", number % 11 == 0 ? "declined" : "approved", BenchEvents.Time(number));
    }

    /// <summary>The document of a card.</summary>
    public sealed class Totals
    {
        public string Id { get; set; } = "";

        public long Count { get; set; }

        public double Sum { get; set; }

        public double Max { get; set; }

        public long Approved { get; set; }

        public string LastCountry { get; set; } = "";
    }

    /// <summary>Adds each payment to its card's totals.</summary>
    public sealed partial class TotalsProjection : SingleStreamProjection<Totals, string>
    {
        public override Totals? Evolve(Totals? snapshot, string id, IEvent e)
        {
            snapshot ??= new Totals { Id = id };
            if (e.Data is not Paid paid) return snapshot;
            snapshot.Count++;
            snapshot.Sum += paid.Amount;
            snapshot.Max = Math.Max(snapshot.Max, paid.Amount);
            if (paid.Status == "approved") snapshot.Approved++;
            snapshot.LastCountry = paid.Country;
            return snapshot;
        }
    }
}
