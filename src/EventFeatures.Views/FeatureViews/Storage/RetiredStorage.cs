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
    // So many one after the other; who still reads the tables then, as by a long export, is asked less often to wait behind.
    private const int QuickAttempts = 5;
    private const int SlowPauses = 12;

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

    /// <summary>What the projection of a view that was revived has to wait for, so that it finds nothing of before; null where nothing was dropped here.</summary>
    public Task? Revive(ViewReference view) => _drops.Remove(view, out var dropping) ? dropping : null;

    /// <summary>Waits for what has begun, which ends by its token.</summary>
    public async Task EndAsync()
    {
        foreach (var dropping in _drops.Values) await dropping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DropAsync(ViewStorage storage, CancellationToken cancellation)
    {
        for (var attempt = 1; !cancellation.IsCancellationRequested; attempt++)
        {
            try
            {
                await storage.DropAsync(cancellation);
                ViewsLog.Dropped(logger, storage.View.ToString());
                return;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                var pause = attempt < QuickAttempts ? options.RetryDelayMax : SlowPauses * options.RetryDelayMax;
                ViewsLog.DropFailed(logger, storage.View.ToString(), attempt, pause.TotalSeconds, failure);
                await Task.Delay(pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The next start finds what is left.
                return;
            }
        }
    }
}
