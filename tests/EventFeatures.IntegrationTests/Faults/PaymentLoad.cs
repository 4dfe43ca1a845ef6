using System.Collections.Concurrent;
using EventFeatures.Api.V1;
using Grpc.Core;
using Grpc.Net.Client;
using InferenceClient = EventFeatures.Api.V1.Inference.InferenceClient;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>
/// Sends a plan over gRPC from several producers at once, as careful clients do: whatever is not answered is sent again
/// with the same ids, until it is. What was answered is noted.
/// </summary>
internal sealed class PaymentLoad(PaymentPlan plan, Func<string> address, TimeSpan deadline)
{
    private const int ProducerCount = 8;
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private int _answered;
    private int _retried;

    /// <summary>How many requests were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>How many calls failed and were made again.</summary>
    public int Retried => Volatile.Read(ref _retried);

    /// <summary>The answered appends by the id of each event.</summary>
    public ConcurrentDictionary<string, AppendedEvent> Acknowledged { get; } = new();

    /// <summary>The answered predictions by id.</summary>
    public ConcurrentDictionary<string, Prediction> Predicted { get; } = new();

    public async Task RunAsync()
    {
        using var end = new CancellationTokenSource(deadline);
        await Task.WhenAll(plan.Cards.Chunk((plan.Cards.Count + ProducerCount - 1) / ProducerCount).Select(cards => Task.Run(() => ProduceAsync(cards, end.Token))));
    }

    private async Task ProduceAsync(IReadOnlyList<CardPlan> cards, CancellationToken cancellation)
    {
        using var connection = new Connection(address);
        var token = 0UL;
        for (var index = 0; index < cards[0].Requests.Count; index++)
            foreach (var card in cards)
            {
                token = Math.Max(token, await SendAsync(connection, card.Requests[index], token, cancellation));
                Interlocked.Increment(ref _answered);
            }
    }

    private async Task<ulong> SendAsync(Connection connection, Google.Protobuf.IMessage request, ulong token, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await SendOnceAsync(connection.Open(), request, token, cancellation);
            }
            catch (RpcException failed) when (IsWorthRetrying(failed.StatusCode) && !cancellation.IsCancellationRequested)
            {
                Interlocked.Increment(ref _retried);
                await Task.Delay(RetryPause, cancellation);
            }
        }
    }

    private async Task<ulong> SendOnceAsync(GrpcChannel channel, Google.Protobuf.IMessage request, ulong token, CancellationToken cancellation)
    {
        var options = new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + CallDeadline, cancellationToken: cancellation);
        if (request is AppendRequest append)
        {
            var appended = await new Events.EventsClient(channel).AppendAsync(append, options);
            foreach (var sent in appended.Events) Acknowledged[sent.EventId] = sent;
            return appended.Position;
        }
        var predict = ((PredictRequest)request).Clone();
        predict.MinPosition = token;
        var made = await new InferenceClient(channel).PredictAsync(predict, options);
        Predicted[made.PredictionId] = made;
        return made.Position;
    }

    private static bool IsWorthRetrying(StatusCode status) =>
        status is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted;

    /// <summary>A channel to wherever the server listens now.</summary>
    private sealed class Connection(Func<string> address) : IDisposable
    {
        private string _address = "";
        private GrpcChannel? _channel;

        public GrpcChannel Open()
        {
            var now = address();
            if (_channel is not null && now == _address) return _channel;
            _channel?.Dispose();
            _address = now;
            return _channel = GrpcChannel.ForAddress(now);
        }

        public void Dispose() => _channel?.Dispose();
    }
}
