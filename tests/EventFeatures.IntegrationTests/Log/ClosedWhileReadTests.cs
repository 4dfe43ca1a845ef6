using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

public sealed class ClosedWhileReadTests : NodeTestBase
{
    // More than the page that is sent, the one that is fetched meanwhile, and what lies on the way.
    private const int Mebibytes = 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_under_way_ends_as_the_stream_that_is_closed_under_it(bool resolveLinks)
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        for (var count = 0; count < Mebibytes; count++) await log.AppendToStreamAsync("card-1", StreamState.Any, [Event(1_000_000)], Late);
        using var channel = Channel(node);
        var request = ReadRequests.Stream("card-1", ReadDirection.Forwards, null, long.MaxValue);
        request.Options.ResolveLinks = resolveLinks;
        using var call = Wire(channel).Read(request, cancellationToken: Late);
        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();

        await log.TombstoneStreamAsync("card-1", StreamState.Any, Late);

        List<string> types = [];
        var end = await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(Late)) types.Add(call.ResponseStream.Current.Event?.Event.Metadata["type"] ?? "");
        });
        (end.StatusCode, end.Trailers.GetValue("exception")).ShouldBe((StatusCode.FailedPrecondition, "stream-deleted"));
        types.ShouldNotContain("$streamDeleted");
    }
}
