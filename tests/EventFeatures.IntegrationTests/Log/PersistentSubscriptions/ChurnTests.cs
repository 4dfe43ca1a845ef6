using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using EventFeatures.Testing.Faults.Rig;
using Grpc.Core;
using Shouldly;
using Xunit;
using Action = EventFeatures.Log.Protocol.Persistent.ReadReq.Types.Nack.Types.Action;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

/// <summary>Groups that come and go under their consumers, on busy processors.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class ChurnTests : PersistentSubscriptionTestBase
{
    private const string Stream = "card-1";

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
                if (isUpdated) await running.Groups.UpdateAsync(UpdateOf(stream), cancellationToken: Late);
                await running.Groups.DeleteAsync(DeletionOf(stream), cancellationToken: Late);
                var end = await answering;
                (end.StatusCode, end.Trailers.GetValue("exception")).ShouldBe((StatusCode.Cancelled, "persistent-subscription-dropped"), end.ToString());
            }
        })));

        _errors.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whatever_is_done_to_one_group_at_once_each_answer_is_one_that_callers_know()
    {
        const int Workers = 8, Rounds = 25, Events = 60;
        await using var running = await StartAsync(_errors);
        await AppendAsync(running, Stream, Events);
        using (new BusyProcessors())
        {
            var doing = Task.WhenAll(Enumerable.Range(0, Workers).Select(seed => Task.Run(() => DoAsync(running, new Random(seed), Rounds))));
            // Nobody who asks for all groups asks for one that is gone.
            while (!doing.IsCompleted) await running.Groups.ListAsync(new ListReq { Options = new() { ListAllSubscriptions = new Empty() } }, cancellationToken: Late);
            await doing;
        }

        _errors.All.ShouldBeEmpty();
        await KnownAsync(running.Groups.DeleteAsync(DeletionOf(Stream), cancellationToken: Late).ResponseAsync);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var last = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        (await last.HandleAsync(Events)).Select(read => read.Event.StreamRevision).ShouldBe(Enumerable.Range(0, Events).Select(revision => (ulong)revision));
    }

    private async Task DoAsync(Running running, Random random, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            await KnownAsync(random.Next(7) switch
            {
                0 => running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late).ResponseAsync,
                1 => running.Groups.UpdateAsync(UpdateOf(Stream), cancellationToken: Late).ResponseAsync,
                2 => running.Groups.DeleteAsync(DeletionOf(Stream), cancellationToken: Late).ResponseAsync,
                3 => ReplayAsync(running, Stream),
                4 => InfoAsync(running, Stream),
                _ => ConsumeAsync(running, random),
            });
        }
    }

    // Comes, answers for as long as another caller's question takes, and goes without a word.
    private async Task ConsumeAsync(Running running, Random random)
    {
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 5, Late);
        var answering = AnswerAsync(consumer, random);
        await KnownAsync(InfoAsync(running, Stream));
        consumer.Dispose();
        try
        {
            // It left by itself, so the status is its own client's, unless the group was dropped before.
            var end = await answering;
            end.StatusCode.ShouldBeOneOf(StatusCode.Cancelled, StatusCode.Unavailable);
        }
        catch (ObjectDisposedException)
        {
            // It was about to answer.
        }
    }

    private static async Task KnownAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (RpcException refused)
        {
            string[] known = ["persistent-subscription-exists", "persistent-subscription-does-not-exist", "persistent-subscription-dropped"];
            known.ShouldContain(refused.Trailers.GetValue("exception"), refused.ToString());
        }
    }

    // Answers until the call ends, and says how it ended.
    private static async Task<RpcException> AnswerAsync(TestConsumer consumer, Random? random = null)
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
                var refusal = random?.Next(4) switch { 0 => Action.Park, 1 => Action.Retry, _ => Action.Skip };
                await (refusal is Action.Skip ? consumer.AcknowledgeAsync(next) : consumer.RefuseAsync(refusal, next));
            }
            catch (Exception ended) when (ended is RpcException or InvalidOperationException)
            {
                // An answer found the call ended; only the reading side is told why.
                return await consumer.EndAsync();
            }
        }
    }
}
