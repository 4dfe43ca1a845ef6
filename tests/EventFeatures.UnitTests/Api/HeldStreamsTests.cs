using EventFeatures.Server.Api;
using EventFeatures.Server.Errors;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

public sealed class HeldStreamsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HeldStreams _held;

    public HeldStreamsTests() => _held = new HeldStreams(_time);

    [Fact]
    public void A_stream_of_which_a_request_was_refused_for_now_takes_none_before_its_time()
    {
        _held.Refused("card-1", 1, Busy(seconds: 3)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));

        _time.Advance(TimeSpan.FromSeconds(2));
        var held = _held.Of("card-1", 2).ShouldNotBeNull();
        held.Code.ShouldBe("earlier-request-refused");
        held.Status.ShouldBe(StatusCode.ResourceExhausted);
        held.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        _held.Of("card-2", 2).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(1));
        _held.Of("card-1", 2).ShouldBeNull();
    }

    [Fact]
    public void A_hold_does_not_run_out_while_the_requests_behind_wait_to_be_read()
    {
        _held.Refused("card-1", 1, Busy(seconds: 1));
        var asked = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(5));
        _held.Refused("card-2", 2, Busy(seconds: 1));
        _time.Advance(TimeSpan.FromSeconds(5));

        _held.Waited(asked);

        _held.Of("card-1", 3).ShouldNotBeNull().RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        _held.Of("card-2", 3).ShouldNotBeNull().RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        _held.Of("card-1", 3).ShouldBeNull();
        asked = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(5));
        _held.Waited(asked);
        _held.Of("card-1", 4).ShouldBeNull("it was over before");
    }

    [Fact]
    public void A_stream_is_held_for_a_minute_more_at_most_however_long_others_wait()
    {
        _held.Refused("card-1", 1, Busy(seconds: 1));
        for (var second = 0; second < 61; second++)
        {
            _held.Of("card-1", second + 2).ShouldNotBeNull();
            var asked = _time.GetTimestamp();
            _time.Advance(TimeSpan.FromSeconds(1));
            _held.Waited(asked);
        }
        _held.Of("card-1", 100).ShouldBeNull();
    }

    [Fact]
    public void A_log_that_is_away_names_no_time_and_is_given_one()
    {
        _held.Refused("card-1", 1, new ApiError(StatusCode.Unavailable, "log-unavailable", "away")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));

        _held.Of("card-1", 2).ShouldNotBeNull().Status.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public void Requests_before_the_refused_one_are_not_held_though_they_are_still_at_work()
    {
        _held.Refused("card-1", 5, Busy(seconds: 3));

        _held.Of("card-1", 4).ShouldBeNull();
        _held.Of("card-1", 5).ShouldBeNull();
        _held.Of("card-1", 6).ShouldNotBeNull();
        _held.Refused("card-1", 3, Busy(seconds: 1));
        _held.Of("card-1", 4).ShouldNotBeNull().RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.Aborted)]
    [InlineData(StatusCode.FailedPrecondition)]
    public void A_refusal_for_good_holds_nothing_back(StatusCode status)
    {
        _held.Refused("card-1", 1, new ApiError(status, "invalid-argument", "wrong")).RetryAfter.ShouldBeNull();

        _held.Of("card-1", 2).ShouldBeNull();
    }

    [Fact]
    public void When_there_are_too_many_to_tell_apart_all_streams_are_held()
    {
        for (var i = 0; i < 1_024; i++) _held.Refused($"card-{i}", 1, Busy(seconds: 60));
        _held.Of("other-1", 2).ShouldBeNull();

        _held.Refused("one-more", 1, Busy(seconds: 2));

        _held.Of("other-1", 2).ShouldNotBeNull().RetryAfter.ShouldBe(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        _held.Of("other-1", 2).ShouldBeNull();
        _held.Of("card-1", 2).ShouldNotBeNull();
    }

    [Fact]
    public void Streams_whose_time_has_passed_make_room_for_others()
    {
        for (var i = 0; i < 1_024; i++) _held.Refused($"card-{i}", 1, Busy(seconds: 1));
        _time.Advance(TimeSpan.FromSeconds(1));

        _held.Refused("one-more", 1, Busy(seconds: 1));

        _held.Of("other-1", 2).ShouldBeNull();
        _held.Of("one-more", 2).ShouldNotBeNull();
    }

    private static ApiError Busy(int seconds) => new(StatusCode.ResourceExhausted, "overloaded", "busy") { RetryAfter = TimeSpan.FromSeconds(seconds) };
}
