using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Features;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.Client;

/// <summary>Appends by the shared batch stream where the server has it, else by a call of their own.</summary>
/// <param name="nodes">Where to.</param>
/// <param name="settings">The connection's.</param>
/// <param name="time">The clock.</param>
/// <param name="retries">How often, and when, an append is tried again.</param>
/// <param name="logger">Where it logs.</param>
/// <param name="keepsOrder">
/// Whether appends reach the log in the order in which they were begun, or not at all: all go by one batch stream, and
/// once that broke, by none.
/// </param>
internal sealed class Appender(NodeSource nodes, ConnectionSettings settings, TimeProvider time, Retries retries, ILogger logger, bool keepsOrder) : IDisposable
{
    // No server takes more than 4 MiB in a message, and one that refuses it ends the stream for all.
    private const long MessageBytesMax = 3L * 1024 * 1024;

    // The server's own deadline is the append's; its answer still needs a moment to arrive.
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(2);

    private readonly Lock _opening = new();
    private volatile BatchStream? _stream;
    private (GrpcChannel Channel, SharedTry<bool> HasBatches)? _asked;

    private bool _isDisposed;

    // Asked anew after each failure: who serves at an address may be another by then, such as a newer version.
    private volatile GrpcChannel? _withoutBatches;

    public Task<AppendResult> AppendAsync(string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation)
    {
        var bytes = events.Sum(data => (long)data.Data.Length + data.Metadata.Length + data.Type.Length);
        if (bytes > MessageBytesMax) throw new AppendTooLargeException(stream, WireNames.AppendBytesMax);
        return retries.RunAsync($"Append to '{stream}'", token => TryAsync(stream, expected, events, token), cancellation);
    }

    public void Dispose()
    {
        lock (_opening)
        {
            _isDisposed = true;
            _stream?.Dispose();
        }
    }

    private async Task<AppendResult> TryAsync(string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation)
    {
        if (keepsOrder && _stream is { } only)
            return Read(stream, expected, await only.AppendAsync(Request(stream, expected, events), settings.DefaultDeadline + AnswerGrace, time, cancellation));
        var channel = await nodes.GetAsync(cancellation);
        try
        {
            var batches = _stream is { IsBroken: false } open && open.Node == channel ? open : await OpenAsync(channel, cancellation);
            if (batches is null && keepsOrder) throw new AppendTriedInVainException("The server takes no batches, so that only one append at a time keeps its order.");
            if (batches is null) return await UnaryAppendCall.RunAsync(channel, nodes.Headers(), settings, time, stream, expected, events, cancellation);
            var answer = await batches.AppendAsync(Request(stream, expected, events), settings.DefaultDeadline + AnswerGrace, time, cancellation);
            return Read(stream, expected, answer);
        }
        catch (Exception failure) when (Retries.MayPass(failure))
        {
            _withoutBatches = null;
            nodes.Learn(channel, failure is AppendTriedInVainException { InnerException: { } inner } ? inner : failure);
            throw;
        }
        catch (RpcException refused)
        {
            _withoutBatches = null;
            throw LogFailures.OfStatus($"append to '{stream}'", stream, refused);
        }
    }

    private async Task<BatchStream?> OpenAsync(GrpcChannel channel, CancellationToken cancellation)
    {
        if (_withoutBatches == channel) return null;
        if (!await HasBatchesOf(channel).RunAsync(cancellation))
        {
            _withoutBatches = channel;
            return null;
        }
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(EventStoreLog));
            if (_stream is { IsBroken: false } open)
            {
                if (open.Node == channel) return open;
                // Who waited for a node until calls went to another would end all that is under way there.
                if (!nodes.IsCurrent(channel)) throw new AppendTriedInVainException("Another node was found while this one did not say what it serves.");
            }
            _stream?.Dispose();
            return _stream = new BatchStream(channel, nodes.Headers(), logger);
        }
    }

    // A node that is silent keeps all who wait for it as long as one, not one after the other.
    private SharedTry<bool> HasBatchesOf(GrpcChannel channel)
    {
        lock (_opening)
        {
            if (_asked is { } asked && asked.Channel == channel) return asked.HasBatches;
            var ask = new SharedTry<bool>(() => HasBatchesAsync(channel));
            _asked = (channel, ask);
            return ask;
        }
    }

    private async Task<bool> HasBatchesAsync(GrpcChannel channel)
    {
        try
        {
            var supported = await new ServerFeatures.ServerFeaturesClient(channel).GetSupportedMethodsAsync(
                new Protocol.Empty(), nodes.Headers(), time.GetUtcNow().UtcDateTime + settings.DefaultDeadline);
            return supported.Methods.Any(method =>
                method is { ServiceName: "event_store.client.streams.streams", MethodName: "batchappend" });
        }
        catch (RpcException old) when (old.StatusCode == StatusCode.Unimplemented)
        {
            return false;
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException("The log did not say in time what it serves.", late);
        }
    }

    private BatchRequest Request(string stream, StreamState expected, IReadOnlyList<EventData> events)
    {
        var options = new BatchAppendReq.Types.Options
        {
            StreamIdentifier = StreamNames.ToIdentifier(stream),
            Deadline = Duration.FromTimeSpan(settings.DefaultDeadline),
        };
        switch (Expected.Of(expected))
        {
            case Expected.Any: options.Any = new Google.Protobuf.WellKnownTypes.Empty(); break;
            case Expected.NoStream: options.NoStream = new Google.Protobuf.WellKnownTypes.Empty(); break;
            case Expected.StreamExists: options.StreamExists = new Google.Protobuf.WellKnownTypes.Empty(); break;
            case var revision: options.StreamPosition = (ulong)revision; break;
        }
        var correlation = Guid.NewGuid();
        return new BatchRequest(correlation, new BatchAppendReq { CorrelationId = Uuids.Structured(correlation), Options = options, IsFinal = true }, events);
    }

    private static AppendResult Read(string stream, StreamState expected, BatchAppendResp answer) => answer.ResultCase switch
    {
        BatchAppendResp.ResultOneofCase.Success => new AppendResult(
            answer.Success.CurrentRevisionOptionCase == BatchAppendResp.Types.Success.CurrentRevisionOptionOneofCase.CurrentRevision
                ? (long)answer.Success.CurrentRevision : -1,
            new Position(answer.Success.Position?.CommitPosition ?? 0)),
        BatchAppendResp.ResultOneofCase.Error => throw LogFailures.OfBatch(stream, expected, answer.Error),
        _ => throw new AppendTriedInVainException("The log's answer holds neither a success nor an error."),
    };
}
