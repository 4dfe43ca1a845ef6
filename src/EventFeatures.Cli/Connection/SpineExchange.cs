using EventFeatures.Api.V1;
using Grpc.Core;

namespace EventFeatures.Cli.Connection;

/// <summary>
/// Sends a request and then a spine's rows as they are read, as fast as the server takes them, and hears its reports
/// meanwhile. What is wrong with the file goes before what the server says of the call's end.
/// </summary>
internal sealed class SpineExchange<TPart, TReport>(AsyncDuplexStreamingCall<TPart, TReport> call, Func<SpineRows, TPart> wrap)
{
    private Exception? _wrongInput;

    public async Task RunAsync(TPart request, IAsyncEnumerable<SpineRow> rows, Action<TReport> hear, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = SendAsync(request, rows, stop.Token);
        try
        {
            await foreach (var report in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false)) hear(report);
        }
        catch (Exception ended) when (_wrongInput is not null && ended is (RpcException or ObjectDisposedException))
        {
            // Ours: the call was ended because of the file. Whoever asks for the next report after that finds no call any more.
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (_wrongInput is not null) await sending.ConfigureAwait(false);
    }

    private async Task SendAsync(TPart request, IAsyncEnumerable<SpineRow> rows, CancellationToken cancellation)
    {
        try
        {
            if (!await WriteAsync(request).ConfigureAwait(false)) return;
            await foreach (var part in SpineParts.OfAsync(rows, cancellation).ConfigureAwait(false))
                if (!await WriteAsync(wrap(part)).ConfigureAwait(false)) return;
            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception wrong) when (wrong is not (OperationCanceledException or RpcException))
        {
            _wrongInput = wrong;
            call.Dispose();
            throw;
        }
    }

    /// <summary>Whether the server still takes what is sent; if not, its answer says why.</summary>
    private async Task<bool> WriteAsync(TPart part)
    {
        try
        {
            await call.RequestStream.WriteAsync(part).ConfigureAwait(false);
            return true;
        }
        catch (Exception over) when (over is RpcException or InvalidOperationException)
        {
            return false;
        }
    }
}
