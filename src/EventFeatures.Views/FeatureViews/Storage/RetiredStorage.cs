using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// Takes retired views out of the database, once each for as long as this host lives. Every host does it after its own
/// projection ended, so that whatever one that was slow to hear of it has written meanwhile goes with the last of them.
/// Called under the host's lock.
/// </summary>
internal sealed class RetiredStorage(ViewsOptions options, TimeProvider time, ILogger logger)
{
    private const int AttemptsMax = 5;

    private readonly Dictionary<ViewReference, Task> _drops = [];

    /// <summary>Whether a view's content was dropped here, or is being dropped.</summary>
    public bool Has(ViewReference view) => _drops.ContainsKey(view);

    /// <summary>Begins to drop a view's content, once its projection, if it has one here, has ended.</summary>
    public void Drop(ViewStorage storage, ViewProjection? projection, CancellationToken cancellation)
    {
        var before = _drops.GetValueOrDefault(storage.View) ?? Task.CompletedTask;
        _drops[storage.View] = Task.Run(async () =>
        {
            await before;
            if (projection is not null) await projection.StopAsync(commit: false);
            if (!options.ServesOnly) await DropAsync(storage, cancellation);
        }, CancellationToken.None);
    }

    /// <summary>What the projection of a view that was revived has to wait for; null where nothing was dropped here.</summary>
    public Task? Revive(ViewReference view) => _drops.Remove(view, out var dropping) ? dropping : null;

    /// <summary>Waits for what has begun, which ends by its token.</summary>
    public async Task EndAsync()
    {
        foreach (var dropping in _drops.Values) await dropping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DropAsync(ViewStorage storage, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= AttemptsMax && !cancellation.IsCancellationRequested; attempt++)
        {
            try
            {
                await storage.DropAsync(cancellation);
                ViewsLog.Dropped(logger, storage.View.ToString());
                return;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                ViewsLog.DropFailed(logger, storage.View.ToString(), attempt, AttemptsMax, failure);
                await Task.Delay(options.RetryDelayMax, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The next start finds what is left.
                return;
            }
        }
    }
}
