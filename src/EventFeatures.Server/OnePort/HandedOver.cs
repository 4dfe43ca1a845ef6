using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace EventFeatures.Server.OnePort;

/// <summary>
/// A connection that one endpoint of Kestrel accepted and another one serves. Its features are laid over the
/// original's, since each endpoint sets its own; disposing it only says that the second endpoint is done.
/// </summary>
internal sealed class HandedOver(ConnectionContext accepted) : ConnectionContext
{
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the second endpoint is done with the connection.</summary>
    public Task Served => _served.Task;

    public override string ConnectionId { get; set; } = accepted.ConnectionId;

    public override IFeatureCollection Features { get; } = new FeatureCollection(accepted.Features);

    public override IDictionary<object, object?> Items { get; set; } = accepted.Items;

    public override IDuplexPipe Transport { get; set; } = accepted.Transport;

    public override CancellationToken ConnectionClosed { get; set; } = accepted.ConnectionClosed;

    public override EndPoint? LocalEndPoint { get; set; } = accepted.LocalEndPoint;

    public override EndPoint? RemoteEndPoint { get; set; } = accepted.RemoteEndPoint;

    public override void Abort(ConnectionAbortedException abortReason) => accepted.Abort(abortReason);

    public override ValueTask DisposeAsync()
    {
        _served.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
