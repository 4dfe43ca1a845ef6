using EventFeatures.Server.Api;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

public sealed class UnansweredRequestsTests
{
    private readonly UnansweredRequests _unanswered = new(countMax: 3, bytesMax: 100);

    [Fact]
    public async Task One_more_than_the_bound_waits_for_an_answer()
    {
        for (var i = 0; i < 3; i++) await _unanswered.AddAsync(1, default);
        var next = _unanswered.AddAsync(1, default).AsTask();
        next.IsCompleted.ShouldBeFalse();

        _unanswered.Answered(1);

        await next.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Bytes_count_as_well_and_one_larger_than_all_the_room_is_taken_alone()
    {
        await _unanswered.AddAsync(60, default);
        var large = _unanswered.AddAsync(500, default).AsTask();
        large.IsCompleted.ShouldBeFalse();

        _unanswered.Answered(60);

        await large.WaitAsync(TimeSpan.FromMinutes(1));
        _unanswered.AddAsync(1, default).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_wait_ends_with_its_call()
    {
        using var ended = new CancellationTokenSource();
        for (var i = 0; i < 3; i++) await _unanswered.AddAsync(1, default);
        var next = _unanswered.AddAsync(1, ended.Token).AsTask();

        await ended.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => next);
    }
}
