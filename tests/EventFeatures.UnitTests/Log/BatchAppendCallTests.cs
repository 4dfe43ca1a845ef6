using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class BatchAppendCallTests
{
    // Neither storage nor a queue is reached by a message that is refused as it stands.
    private static readonly NodeServices Node = new(
        new EmbeddedNodeOptions { Postgres = "none" }, null!, null!, null!, null!, null!, null!, CancellationToken.None);

    [Fact]
    public async Task A_call_that_is_refused_while_an_answer_is_being_written_ends_only_when_nothing_is_written_any_more()
    {
        var responses = new StuckResponses();
        var call = new BatchAppendCall(Node, new OneRequest(new BatchAppendReq(), responses.Begun), responses);
        call.Answer(new BatchAppendResp(), bytes: 0);

        var refused = await Should.ThrowAsync<RpcException>(() => call.RunAsync(CancellationToken.None));

        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        responses.IsBeingWritten.ShouldBeFalse("the next call of the connection would get it");
    }

    private sealed class OneRequest(BatchAppendReq request, Task until) : IAsyncStreamReader<BatchAppendReq>
    {
        public BatchAppendReq Current => request;

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
