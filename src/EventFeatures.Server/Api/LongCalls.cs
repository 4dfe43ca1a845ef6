using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace EventFeatures.Server.Api;

/// <summary>Ends calls that may last as long as their client when the server stops, so that they do not hold it up.</summary>
internal sealed class LongCalls(IHostApplicationLifetime lifetime)
{
    /// <summary>Cancelled when the call is over, or the server stops.</summary>
    public CancellationTokenSource Until(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
}
