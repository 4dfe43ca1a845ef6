using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Specs;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

/// <summary>The batch stream to a node that reads nothing.</summary>
public sealed class BatchStreamTests : IDisposable
{
    // One more than may wait to be sent, one that is being sent, and some for which there is no room.
    private const int Batches = 4096 + 1 + 10;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(12);

    private readonly FakeTimeProvider _time = new();
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress("http://nobody", new GrpcChannelOptions { HttpHandler = new Deaf(), DisposeHttpClient = true });

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task A_batch_for_which_there_is_no_room_ends_by_the_deadline_of_its_call_as_those_that_wait_for_an_answer_do()
    {
        using var stream = new BatchStream(_channel, [], NullLogger.Instance);
        var appends = Enumerable.Range(0, Batches).Select(_ => stream.AppendAsync(Batch(), Deadline, _time, CancellationToken.None)).ToList();

        // Again and again: one that found no room may begin to wait only after the clock moved.
        await AllEndAsync(appends, () => _time.Advance(Deadline));
        foreach (var append in appends) await Should.ThrowAsync<TimeoutException>(append);
    }

    [Fact]
    public async Task Who_cancels_the_wait_for_room_hears_of_that()
    {
        using var stream = new BatchStream(_channel, [], NullLogger.Instance);
        using var caller = new CancellationTokenSource();
        var appends = Enumerable.Range(0, Batches).Select(_ => stream.AppendAsync(Batch(), Deadline, _time, caller.Token)).ToList();

        await caller.CancelAsync();

        await AllEndAsync(appends);
        foreach (var append in appends) await Should.ThrowAsync<OperationCanceledException>(append);
    }

    private static Task AllEndAsync(List<Task<BatchAppendResp>> appends, Action? pass = null) => Eventually.TrueAsync(
        () =>
        {
            pass?.Invoke();
            return Task.FromResult(appends.TrueForAll(append => append.IsCompleted));
        },
        TimeSpan.FromMinutes(1),
        () => FormattableString.Invariant($"{appends.Count(append => !append.IsCompleted)} still wait."));

    private static BatchRequest Batch()
    {
        var correlation = Guid.NewGuid();
        return new BatchRequest(correlation, new BatchAppendReq { CorrelationId = Uuids.Structured(correlation), IsFinal = true }, [new EventData(Guid.NewGuid(), "Tested", "{}"u8.ToArray())]);
    }

    private sealed class Deaf : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(System.Threading.Timeout.Infinite, cancellationToken);
            return new HttpResponseMessage();
        }
    }
}
