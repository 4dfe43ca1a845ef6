using EventFeatures.Server.Errors;
using EventFeatures.Server.Telemetry;
using Grpc.Core;

namespace EventFeatures.Server.Load;

/// <summary>The bytes of messages that have not come in whole yet, over all calls.</summary>
internal sealed class ComingBytes(LoadLimits limits, RefusalLog refusals, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly NestedBound _bound = new(limits.ReceivingBytesMax);
    private readonly RetryTime _retry = new(time);
    private readonly RefusalLog _refusals = refusals;

    /// <summary>How many there are now.</summary>
    public long Held { get { lock (_gate) return _bound.Held; } }

    /// <summary>The part of one call.</summary>
    public OfCall Of(CallPriority priority) => new(this, priority);

    /// <summary>What one call holds; gone when it is disposed.</summary>
    internal sealed class OfCall(ComingBytes all, CallPriority priority) : IDisposable
    {
        private long _held;

        /// <exception cref="RpcException">
        /// There is no room for so many. In the words of gRPC, since bodies are read below whatever could translate it.
        /// </exception>
        public void Add(long bytes)
        {
            OverloadedException refusal;
            lock (all._gate)
            {
                if (all._bound.TryAdd(priority, bytes))
                {
                    _held += bytes;
                    return;
                }
                refusal = new OverloadedException(
                    priority, FormattableString.Invariant($"There is too much coming in: {all._bound.Held} bytes of unfinished messages."), all._retry.After(priority, 0));
            }
            all._refusals.Note(priority, RefusalLog.Coming);
            throw ErrorMapping.Map(refusal)!.ToRpcException();
        }

        public void Remove(long bytes)
        {
            lock (all._gate)
            {
                all._bound.Remove(priority, bytes);
                _held -= bytes;
            }
        }

        public void Dispose()
        {
            lock (all._gate)
            {
                all._bound.Remove(priority, _held);
                _held = 0;
                all._retry.Done();
            }
        }
    }
}
