using EventFeatures.IntegrationTests.Log;
using EventFeatures.Testing.Faults;
using EventFeatures.Testing.Faults.Rig;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>What a node holds does not grow with what it has served.</summary>
public sealed class MemoryTests(ITestOutputHelper output) : NodeTestBase
{
    private const long MiB = 1024 * 1024;
    private const long SubscriberBytesMax = 64 * 1024;
    private static readonly TimeSpan MemoryDeadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Memory_is_flat_over_many_small_requests()
    {
        // A leak of 300 bytes a request would show; what is known of recent events takes up to 100 each.
        // Of more requests the first half fills what is bounded.
        var requests = int.TryParse(Environment.GetEnvironmentVariable("EVENTFEATURES_TEST_REQUESTS"), out var asked) ? asked / 2 : 40_000;
        var warming = Math.Max(20_000, asked / 2);
        await using var session = await MemorySession.StartAsync(Database.ConnectionString);
        await session.RequestAsync(warming);
        var before = await session.MemoryAsync();

        await session.RequestAsync(requests);

        var after = await BelowAsync(session, before.Live + (12 * MiB));
        output.WriteLine($"{before}; {after} after {requests} requests more; another number by EVENTFEATURES_TEST_REQUESTS");
        session.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_thousand_subscribers_are_all_served_and_leave_nothing_behind()
    {
        const int subscribers = 1000, events = 50;
        await using var session = await MemorySession.StartAsync(Database.ConnectionString);
        await session.RequestAsync(2_000);
        var alone = await session.MemoryAsync();

        await using (var crowd = await session.SubscribeAsync(subscribers))
        {
            await session.AppendAsync(events, bytes: 200);
            await crowd.GivenAsync(events, TimeSpan.FromSeconds(60));
            var crowded = await BelowAsync(session, alone.Live + (subscribers * SubscriberBytesMax));
            await session.AppendAsync(events, bytes: 200);
            await crowd.GivenAsync(2 * events, TimeSpan.FromSeconds(60));
            var later = await BelowAsync(session, crowded.Live + (8 * MiB));

            output.WriteLine($"alone {alone}; with {subscribers} subscribers {crowded}; {later} after more events");
            crowd.Given.ShouldAllBe(given => given == 2 * events);
        }
        // The node learns only by and by that they have left.
        var left = await BelowAsync(session, alone.Live + (24 * MiB));
        output.WriteLine($"after they left {left}");
        session.Errors.ShouldBeEmpty();
    }

    // What is held for a moment is no leak; what is leaked stays above the bound however often it is measured.
    private static async Task<NodeMemory> BelowAsync(MemorySession session, long live)
    {
        NodeMemory? memory = null;
        await Eventually.TrueAsync(async () => (memory = await session.MemoryAsync()).Live < live, MemoryDeadline, () => $"It holds {memory}, which is not below {live / MiB} MiB.");
        return memory!;
    }
}
