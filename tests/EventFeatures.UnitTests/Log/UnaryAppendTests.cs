using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class UnaryAppendTests
{
    [Fact]
    public async Task A_caller_who_is_not_done_hears_that_the_node_stops()
    {
        using var stopping = new CancellationTokenSource();
        // Neither storage nor a queue is reached by an append that is not whole.
        var node = new NodeServices(new EmbeddedNodeOptions { Postgres = "none", Time = new FakeTimeProvider() }, null!, null!, null!, null!, null!, null!, stopping.Token);
        var running = UnaryAppend.RunAsync(node, new OptionsAlone(), new Call());
        running.IsCompleted.ShouldBeFalse("the events are yet to come");

        await stopping.CancelAsync();

        (await Should.ThrowAsync<RpcException>(running.WaitAsync(TimeSpan.FromMinutes(1)))).StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    private sealed class OptionsAlone : IAsyncStreamReader<AppendReq>
    {
        private bool _begun;

        public AppendReq Current { get; } = new() { Options = new() { StreamIdentifier = StreamNames.ToIdentifier("card-1"), Any = new Empty() } };

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (_begun) await Task.Delay(System.Threading.Timeout.Infinite, cancellationToken);
            return _begun = true;
        }
    }

    private sealed class Call : ServerCallContext
    {
        protected override string MethodCore => "Append";
        protected override string HostCore => "";
        protected override string PeerCore => "";
        protected override DateTime DeadlineCore => DateTime.MaxValue;
        protected override Metadata RequestHeadersCore => [];
        protected override CancellationToken CancellationTokenCore => CancellationToken.None;
        protected override Metadata ResponseTrailersCore => [];
        protected override Grpc.Core.Status StatusCore { get; set; }
        protected override WriteOptions? WriteOptionsCore { get; set; }
        protected override AuthContext AuthContextCore => new(null, []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
