using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

public sealed class StorageAwayTests : PersistentSubscriptionTestBase
{
    private const string Stream = "card-1";

    [Fact]
    public async Task While_one_change_waits_for_storage_others_are_told_so_rather_than_kept_waiting_behind_it()
    {
        var (link, postgres) = Linked();
        await using var _ = link;
        await using var running = await StartAsync(Options with { Postgres = postgres, AppendDeadline = TimeSpan.FromSeconds(3) });
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        link.Cut();

        var deleting = running.Groups.DeleteAsync(DeletionOf(Stream), cancellationToken: Late).ResponseAsync;
        // One that comes before the change meets the lost storage itself.
        RpcException told;
        do
        {
            told = await Should.ThrowAsync<RpcException>(() => TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 1, Late));
            told.StatusCode.ShouldBe(StatusCode.Unavailable, told.ToString());
        }
        while (!told.Status.Detail.Contains("under way", StringComparison.Ordinal) && !deleting.IsCompleted);

        deleting.IsCompleted.ShouldBeFalse("the change still waits");
        link.Mend();
        await deleting;
    }

    [Fact]
    public async Task A_group_whose_storage_drops_again_and_again_hands_out_everything_and_stores_its_progress()
    {
        const int Events = 300;
        var (link, postgres) = Linked();
        await using var _ = link;
        await using var running = await StartAsync(Options with { Postgres = postgres });
        await AppendAsync(running, Stream, Events);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        SortedSet<ulong> seen = [];
        while (seen.Count < Events)
        {
            var next = await consumer.NextAsync();
            await consumer.AcknowledgeAsync(next);
            if (seen.Add(next.Event.StreamRevision) && seen.Count % 50 == 0) link.Blip();
        }

        await Eventually(async () => (await InfoAsync(running, Stream)).LastCheckpointedEventPosition == "299");
    }

    // Asks again while storage comes back.
    private async Task Eventually(Func<Task<bool>> isSo)
    {
        while (true)
        {
            try
            {
                if (await isSo()) return;
            }
            catch (RpcException away) when (away.StatusCode == StatusCode.Unavailable)
            {
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Late);
        }
    }
}
