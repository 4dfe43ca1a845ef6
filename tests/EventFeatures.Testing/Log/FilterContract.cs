using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;
using Filter = EventFeatures.Log.Protocol.Streaming.ReadReq.Types.Options.Types.FilterOptions;

namespace EventFeatures.Testing.Log;

/// <summary>Filters of the whole log, and how far a filtered subscription says that it has looked.</summary>
public abstract class FilterContract(string connectionString) : LogContract(connectionString)
{
    [Theory, Trait("Fact", "21")]
    [InlineData(true, true, "a,c")]
    [InlineData(true, false, "a,c")]
    [InlineData(false, true, "a,c")]
    [InlineData(false, false, "a,c")]
    public async Task A_filter_chooses_by_stream_or_type_and_by_prefix_or_expression_in_both_directions(bool byStream, bool byPrefix, string keys)
    {
        foreach (var key in new[] { "a", "b", "c" }) await AppendBatchAsync(Batch(Stream(key), Event($"{key}{Prefix}")));
        var expression = new Filter.Types.Expression();
        if (byPrefix) expression.Prefix.AddRange(keys.Split(',').Select(key => byStream ? Stream(key) : key + Prefix));
        else expression.Regex = byStream ? $"^{Prefix}-({keys.Replace(',', '|')})$" : $"^({keys.Replace(',', '|')}){Prefix}$";
        var filter = new Filter { Max = 50, CheckpointIntervalMultiplier = 1 };
        if (byStream) filter.StreamIdentifier = expression;
        else filter.EventType = expression;

        (await KeysAsync(ReadDirection.Forwards, Position.Start, filter)).ShouldBe(["a", "c"]);
        (await KeysAsync(ReadDirection.Backwards, Position.End, filter)).ShouldBe(["c", "a"]);
    }

    [Fact, Trait("Fact", "21")]
    public async Task A_filtered_read_counts_what_passes_and_not_what_is_looked_at()
    {
        for (var round = 0; round < 4; round++)
        {
            await AppendBatchAsync(Batch(Stream("unwanted"), Events(40)));
            await AppendBatchAsync(Batch(Stream("wanted"), Event()));
        }

        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Stream("wanted")), 3, Late)))
            .Select(each => each.Revision).ShouldBe([0L, 1L, 2L]);
        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Backwards, Position.End, EventFilter.ByStreamPrefix(Stream("wanted")), 3, Late)))
            .Select(each => each.Revision).ShouldBe([3L, 2L, 1L]);
    }

    [Fact, Trait("Fact", "21")]
    public async Task Checkpoints_come_as_often_as_the_window_says_and_only_go_forward()
    {
        var start = await Log.AppendToStreamAsync(Stream("first"), StreamState.NoStream, [Event()], Late);
        for (var part = 0; part < 10; part++) await AppendBatchAsync(Batch(Stream("unwanted"), Events(32)));
        var request = ReadRequests.Subscribe((start.Position.Value, start.Position.Value), EventFilter.ByStreamPrefix(Stream("wanted")));
        request.Options.Filter.Max = 16;
        request.Options.Filter.CheckpointIntervalMultiplier = 2;

        List<ulong> checkpoints = [];
        using var call = Wire.Read(request, cancellationToken: Late);
        while (await call.ResponseStream.MoveNext(Late) && call.ResponseStream.Current.ContentCase != ReadResp.ContentOneofCase.CaughtUp)
            if (call.ResponseStream.Current.ContentCase == ReadResp.ContentOneofCase.Checkpoint) checkpoints.Add(call.ResponseStream.Current.Checkpoint.CommitPosition);

        checkpoints.Count.ShouldBeGreaterThanOrEqualTo(9);
        checkpoints.ShouldBeInOrder(SortDirection.Ascending);
        checkpoints.ShouldBeUnique();
        checkpoints[0].ShouldBeGreaterThan(start.Position.Value);
    }

    [Fact, Trait("Fact", "21")]
    public async Task Nobody_but_a_filtered_subscription_gets_checkpoints()
    {
        var start = await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(200), Late);
        var first = start.Position.Value - 100;
        using var call = Wire.Read(ReadRequests.Subscribe((first, first), null), cancellationToken: Late);

        while (await call.ResponseStream.MoveNext(Late) && call.ResponseStream.Current.ContentCase != ReadResp.ContentOneofCase.CaughtUp)
            call.ResponseStream.Current.ContentCase.ShouldNotBe(ReadResp.ContentOneofCase.Checkpoint);
    }

    [Fact, Trait("Fact", "14")]
    public async Task A_filtered_stream_and_a_subscription_that_runs_backwards_are_invalid()
    {
        await AppendBatchAsync(Batch(Stream(), Event()));
        var filtered = ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 1);
        filtered.Options.Filter = new Filter { Max = 32, CheckpointIntervalMultiplier = 1, EventType = new Filter.Types.Expression { Prefix = { "a" } } };
        var backwards = ReadRequests.Subscribe(null, null);
        backwards.Options.ReadDirection = ReadReq.Types.Options.Types.ReadDirection.Backwards;
        var noWindow = ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix("x"), 1);
        noWindow.Options.Filter.ClearWindow();

        foreach (var request in new[] { filtered, backwards, noWindow })
            (await Should.ThrowAsync<RpcException>(() => ReadWireAsync(request))).StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    private async Task<List<string>> KeysAsync(ReadDirection direction, Position from, Filter filter)
    {
        var request = ReadRequests.All(direction, from, EventFilter.ByStreamPrefix("x"), direction == ReadDirection.Forwards ? long.MaxValue : 2);
        request.Options.Filter = filter;
        return [.. (await ReadWireAsync(request)).Where(message => message.ContentCase == ReadResp.ContentOneofCase.Event)
            .Select(message => message.Event.Event.StreamIdentifier.StreamName.ToStringUtf8()[(Prefix.Length + 1)..])];
    }
}
