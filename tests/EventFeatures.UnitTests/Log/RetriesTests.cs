using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class RetriesTests
{
    private readonly FakeTimeProvider _time = new();
    private int _tries;

    public static TheoryData<Exception> Refusals => new(
        new AppendTriedInVainException("full") { RetryAfter = TimeSpan.FromSeconds(3) },
        new RpcException(new Grpc.Core.Status(StatusCode.ResourceExhausted, "full"), RetryTimes.Trailers(StatusCode.ResourceExhausted, "full", TimeSpan.FromSeconds(3))));

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_caller_that_is_told_when_to_come_back_does_not_come_sooner(Exception refusal)
    {
        var running = RunAsync(refusal, failures: 1);

        _time.Advance(TimeSpan.FromSeconds(2.9));
        _tries.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        (await running).ShouldBe(2);
    }

    [Fact]
    public async Task A_time_that_is_absurd_is_not_waited_for()
    {
        var running = RunAsync(new AppendTriedInVainException("full") { RetryAfter = TimeSpan.FromDays(400) }, failures: 1);

        _time.Advance(TimeSpan.FromSeconds(11));
        (await running).ShouldBe(2);
    }

    [Fact]
    public async Task A_call_that_missed_its_own_deadline_is_tried_again_since_the_caller_cancelled_nothing()
    {
        var running = RunAsync(new OperationCanceledException(), failures: 1);

        _time.Advance(TimeSpan.FromSeconds(1));
        (await running).ShouldBe(2);
    }

    [Fact]
    public async Task Retries_have_a_limit_after_which_the_last_refusal_is_told()
    {
        var running = RunAsync(new AppendTriedInVainException("The queue is full."), failures: int.MaxValue);
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        (await Should.ThrowAsync<LogUnavailableException>(running)).Message.ShouldContain("The queue is full.");
        _tries.ShouldBe(Retries.AttemptsMax);
    }

    public static TheoryData<Exception> Failures => new(
        new AppendTriedInVainException("The stream broke."), new IOException("gone"), new TimeoutException("late"), new HttpRequestException("refused"),
        new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "away")), new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, "cancelled")));

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Who_cancels_as_a_try_fails_hears_of_the_cancellation_with_the_failure_as_its_cause(Exception failure)
    {
        using var caller = new CancellationTokenSource();
        var running = new Retries(_time, NullLogger.Instance).RunAsync<int>(
            "Append",
            _ =>
            {
                caller.Cancel();
                throw failure;
            },
            caller.Token);

        // Awaited: a continuation would see the cancelled task alone.
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        (cancelled.CancellationToken, cancelled.InnerException.ShouldBeOfType<LogUnavailableException>().InnerException).ShouldBe((caller.Token, failure));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_cancels_between_two_tries_or_in_the_second_hears_why_the_first_failed(bool inSecond)
    {
        using var caller = new CancellationTokenSource();
        var failure = new NoNodeException("None of them named a leader.");
        var running = new Retries(_time, NullLogger.Instance).RunAsync<int>(
            "Append",
            async token =>
            {
                if (++_tries == 1) throw failure;
                await Task.Delay(System.Threading.Timeout.Infinite, token);
                return 0;
            },
            caller.Token);
        if (inSecond) _time.Advance(TimeSpan.FromSeconds(5));
        _tries.ShouldBe(inSecond ? 2 : 1);

        await caller.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        (cancelled.CancellationToken, cancelled.InnerException.ShouldBeOfType<LogUnavailableException>().InnerException).ShouldBe((caller.Token, failure));
        cancelled.InnerException.Message.ShouldBe("Append failed: None of them named a leader.");
    }

    [Fact]
    public void What_says_no_time_or_nonsense_asks_for_none()
    {
        RetryTimes.Of(new Metadata()).ShouldBeNull();
        RetryTimes.Of(new Metadata { { RetryTimes.DetailsTrailer, [0xFF, 0x01, 0x02] } }).ShouldBeNull();
        RetryTimes.Of(Google.Protobuf.WellKnownTypes.Any.Pack(new RetryInfo())).ShouldBeNull();
        RetryTimes.Of(RetryTimes.Detail(TimeSpan.FromMilliseconds(250))).ShouldBe(TimeSpan.FromMilliseconds(250));
    }

    private Task<int> RunAsync(Exception refusal, int failures) => new Retries(_time, NullLogger.Instance).RunAsync(
        "Append", _ => ++_tries <= failures ? throw refusal : Task.FromResult(_tries), CancellationToken.None);
}
