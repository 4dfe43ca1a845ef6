using System.Buffers;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class BatchAppendCallTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_call_that_is_refused_while_an_answer_is_being_written_ends_only_when_nothing_is_written_any_more()
    {
        var responses = new StuckResponses();
        // Neither storage nor a queue is reached by a message that is refused as it stands.
        var node = new NodeServices(new EmbeddedNodeOptions { Postgres = "none", Time = _clock }, null!, null!, null!, null!, null!, null!, CancellationToken.None);
        var call = new BatchAppendCall(node, new OneRequest(BatchMessage.Read(ReadOnlySequence<byte>.Empty), responses.Begun), responses);
        call.Answer(new BatchAppendResp(), bytes: 0);

        var running = call.RunAsync(CancellationToken.None);
        responses.IsBeingWritten.ShouldBeTrue("it has a moment to arrive");
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        // When the moment begins is the call's to say, and how long it lasts the clock's.
        for (; !running.IsCompleted; _clock.Advance(TimeSpan.FromSeconds(1)))
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        var refused = await Should.ThrowAsync<RpcException>(running);

        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        responses.IsBeingWritten.ShouldBeFalse("the next call of the connection would get it");
    }

    private sealed class OneRequest(BatchMessage request, Task until) : IAsyncStreamReader<BatchMessage>
    {
        public BatchMessage Current => request;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            await until.WaitAsync(cancellationToken);
            return true;
        }
    }

    // The caller does not read, so a write ends only by its cancellation.
    private sealed class StuckResponses : IServerStreamWriter<BatchAppendResp>
    {
        private readonly TaskCompletionSource _begun = new();

        public Task Begun => _begun.Task;

        public bool IsBeingWritten { get; private set; }

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(BatchAppendResp message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(BatchAppendResp message, CancellationToken cancellationToken)
        {
            IsBeingWritten = true;
            _begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                IsBeingWritten = false;
            }
        }
    }
}
