using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using EventFeatures.Testing.Faults.Rig;
using Google.Protobuf;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

/// <summary>Groups that come and go under their consumers, on busy processors.</summary>
public sealed class ChurnTests : PersistentSubscriptionTestBase
{
    private readonly LoggedErrors _errors = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_is_dropped_while_it_answers_disturbs_no_other_call_of_its_connection(bool isUpdated)
    {
        const int Workers = 12, Rounds = 12;
        await using var running = await StartAsync(_errors);
        using var busy = new BusyProcessors();

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var stream = $"card-{worker}";
            await AppendAsync(running, stream, 20);
            for (var round = 0; round < Rounds; round++)
            {
                await running.Groups.CreateAsync(OnStream(stream), cancellationToken: Late);
                using var consumer = await TestConsumer.SubscribeAsync(running.Groups, stream, Group, 20, Late);
                var answering = AnswerAsync(consumer);
                if (isUpdated) await running.Groups.UpdateAsync(UpdateReq.Parser.ParseFrom(OnStream(stream).ToByteArray()), cancellationToken: Late);
                await running.Groups.DeleteAsync(Delete(stream), cancellationToken: Late);
                var end = await answering;
                (end.StatusCode, end.Trailers.GetValue("exception")).ShouldBe((StatusCode.Cancelled, "persistent-subscription-dropped"), end.ToString());
            }
        })));

        _errors.All.ShouldBeEmpty();
    }

    // Answers until the call ends, and says how it ended.
    private static async Task<RpcException> AnswerAsync(TestConsumer consumer)
    {
        while (true)
        {
            ReadResp.Types.ReadEvent next;
            try
            {
                next = await consumer.NextAsync();
            }
            catch (RpcException end)
            {
                return end;
            }
            try
            {
                await consumer.AcknowledgeAsync(next);
            }
            catch (Exception ended) when (ended is RpcException or InvalidOperationException)
            {
                // An answer found the call ended; only the reading side is told why.
                return await consumer.EndAsync();
            }
        }
    }

    private static DeleteReq Delete(string stream) =>
        new() { Options = new() { StreamIdentifier = StreamNames.ToIdentifier(stream), GroupName = Group } };
}
