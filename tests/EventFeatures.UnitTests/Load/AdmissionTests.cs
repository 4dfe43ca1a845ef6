using EventFeatures.Server.Load;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Load;

public sealed class AdmissionTests
{
    private const int KiB = 1024;

    private static readonly LoadLimits Limits = new() { WorkMax = 8, WorkBytesMax = 8 * KiB, WaitingMax = 4, WaitingBytesMax = 4 * KiB, BackgroundMax = 2 };
    // Of the admission, by the fake clock.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    // Of the tests, by the machine's.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("Serving", 8)]
    [InlineData("Writing", 6)]
    [InlineData("Bulk", 4)]
    [InlineData("Background", 2)]
    public void Each_priority_alone_has_its_part_of_the_places(string priority, int places)
    {
        var admission = new Admission(Limits, _time);

        Enumerable.Range(0, 20).Count(_ => EntersAtOnce(admission, Of(priority))).ShouldBe(places);
        admission.InWork(Of(priority)).ShouldBe(places);
    }

    [Fact]
    public void Those_below_leave_room_for_those_above_however_many_they_are()
    {
        var admission = new Admission(Limits, _time);

        var entered = Enum.GetValues<CallPriority>().Reverse().ToDictionary(priority => priority, priority => Enumerable.Range(0, 20).Count(_ => EntersAtOnce(admission, priority)));

        entered.ShouldBe(new Dictionary<CallPriority, int>
        {
            [CallPriority.Background] = 2, [CallPriority.Bulk] = 2, [CallPriority.Writing] = 2, [CallPriority.Serving] = 2,
        }, ignoreOrder: true);
    }

    [Fact]
    public void Bytes_are_bounded_like_places_and_one_that_is_larger_than_all_enters_alone()
    {
        var admission = new Admission(Limits, _time);

        EntersAtOnce(admission, CallPriority.Bulk, 3 * KiB).ShouldBeTrue();
        EntersAtOnce(admission, CallPriority.Bulk, 2 * KiB).ShouldBeFalse("only half of the bytes are for bulk");
        EntersAtOnce(admission, CallPriority.Serving, 5 * KiB).ShouldBeTrue();
        admission.BytesInWork.ShouldBe(8 * KiB);

        EntersAtOnce(new Admission(Limits, _time), CallPriority.Bulk, 100 * KiB).ShouldBeTrue();
    }

    [Fact]
    public async Task A_place_that_is_given_back_goes_to_the_most_important_who_waits_and_then_to_the_first()
    {
        var admission = new Admission(Limits, _time);
        var places = Enumerable.Range(0, 4).Select(_ => Enter(admission, CallPriority.Bulk)).ToList();
        var more = Enumerable.Range(0, 2).Select(_ => Enter(admission, CallPriority.Writing)).ToList();
        var bulk = Enter(admission, CallPriority.Bulk);
        var first = Enter(admission, CallPriority.Writing);
        var second = Enter(admission, CallPriority.Writing);
        new[] { bulk, first, second }.ShouldAllBe(waiting => !waiting.IsCompleted);

        (await places[0]).Dispose();
        (await first.WaitAsync(Deadline)).ShouldNotBeNull();
        second.IsCompleted.ShouldBeFalse();
        (await more[0]).Dispose();
        (await second.WaitAsync(Deadline)).ShouldNotBeNull();
        bulk.IsCompleted.ShouldBeFalse();
        (await first).Dispose();
        (await second).Dispose();
        (await more[1]).Dispose();
        (await bulk.WaitAsync(Deadline)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_full_queue_turns_the_least_important_who_came_last_away_for_one_more_important()
    {
        var admission = Filled();
        var bulk = Enumerable.Range(0, 3).Select(_ => Enter(admission, CallPriority.Bulk)).ToList();
        var background = Enter(admission, CallPriority.Background);

        var serving = Enter(admission, CallPriority.Serving);
        (await Should.ThrowAsync<OverloadedException>(() => background.WaitAsync(Deadline))).Priority.ShouldBe(CallPriority.Background);
        var writing = Enter(admission, CallPriority.Writing);
        (await Should.ThrowAsync<OverloadedException>(() => bulk[2].WaitAsync(Deadline))).Priority.ShouldBe(CallPriority.Bulk);
        await Should.ThrowAsync<OverloadedException>(() => Enter(admission, CallPriority.Bulk));

        new[] { serving, writing, bulk[0], bulk[1] }.ShouldAllBe(waiting => !waiting.IsCompleted);
        Enum.GetValues<CallPriority>().Sum(admission.Waiting).ShouldBe(4);
    }

    [Fact]
    public async Task Waiting_bytes_are_bounded_as_well()
    {
        var admission = Filled();

        var waiting = Enter(admission, CallPriority.Writing, 3 * KiB);
        await Should.ThrowAsync<OverloadedException>(() => Enter(admission, CallPriority.Writing, 2 * KiB));
        var serving = Enter(admission, CallPriority.Serving, 4 * KiB);

        await Should.ThrowAsync<OverloadedException>(() => waiting.WaitAsync(Deadline));
        serving.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_waited_as_long_as_it_may_is_refused_with_a_time_to_come_back()
    {
        var admission = Filled();
        var waiting = Enter(admission, CallPriority.Writing);

        _time.Advance(Patience);

        var refused = await Should.ThrowAsync<OverloadedException>(() => waiting.WaitAsync(Deadline));
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(2), "nothing was done of late, so the most");
        admission.Waiting(CallPriority.Writing).ShouldBe(0);
    }

    [Fact]
    public async Task While_someone_more_important_has_waited_for_a_while_those_below_are_refused_at_once()
    {
        var admission = Filled();
        var serving = Enter(admission, CallPriority.Serving);
        var before = Enter(admission, CallPriority.Bulk);
        before.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<OverloadedException>(() => Enter(admission, CallPriority.Writing));
        Enter(admission, CallPriority.Serving).IsCompleted.ShouldBeFalse();
        serving.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_caller_that_leaves_leaves_its_place_in_the_queue_too()
    {
        var admission = Filled();
        using var gone = new CancellationTokenSource();
        var waiting = admission.EnterAsync(CallPriority.Writing, 0, Patience, gone.Token).AsTask();

        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        admission.Waiting(CallPriority.Writing).ShouldBe(0);
    }

    [Fact]
    public async Task The_time_to_come_back_follows_from_how_fast_work_gets_done_and_who_goes_before()
    {
        var admission = new Admission(Limits, _time);
        for (var i = 0; i < 20; i++) (await admission.EnterAsync(CallPriority.Serving, 0, Patience, default)).Dispose();
        for (var i = 0; i < 8; i++) _ = Enter(admission, CallPriority.Serving);
        _time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 3; i++) _ = Enter(admission, CallPriority.Serving);

        // Two a second, and three go before: the fourth comes after two seconds, of which one is the most for serving.
        (await RefusedAsync(admission, CallPriority.Serving)).ShouldBe(TimeSpan.FromSeconds(1));
        (await RefusedAsync(admission, CallPriority.Writing)).ShouldBe(TimeSpan.FromSeconds(2));
        (await RefusedAsync(admission, CallPriority.Bulk)).ShouldBe(TimeSpan.FromSeconds(2));
        (await RefusedAsync(admission, CallPriority.Background)).ShouldBe(TimeSpan.FromSeconds(5), "the least for background work");
    }

    private static async Task<TimeSpan> RefusedAsync(Admission admission, CallPriority priority) =>
        (await Should.ThrowAsync<OverloadedException>(() => admission.EnterAsync(priority, 0, TimeSpan.Zero, default).AsTask())).RetryAfter;

    private Admission Filled()
    {
        var admission = new Admission(Limits, _time);
        for (var i = 0; i < Limits.WorkMax; i++) EntersAtOnce(admission, CallPriority.Serving).ShouldBeTrue();
        return admission;
    }

    private static Task<Admission.Place> Enter(Admission admission, CallPriority priority, long bytes = 0) =>
        admission.EnterAsync(priority, bytes, Patience, default).AsTask();

    private static bool EntersAtOnce(Admission admission, CallPriority priority, long bytes = 0) =>
        admission.EnterAsync(priority, bytes, TimeSpan.Zero, default).AsTask().IsCompletedSuccessfully;

    private static CallPriority Of(string name) => Enum.Parse<CallPriority>(name);
}
