using EventFeatures.Cli.Connection;
using EventFeatures.Server.Errors;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

public sealed class PatientCallsTests
{
    private static readonly Method<string, string> Method = new(
        MethodType.Unary, "service", "method", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private int _attempts;

    [Fact]
    public async Task A_call_that_was_refused_for_now_is_made_again_when_the_server_said()
    {
        var call = CallAsync(attempt => attempt == 1 ? Busy(TimeSpan.FromSeconds(2)) : null);

        _attempts.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        _attempts.ShouldBe(1);
        // As long as was asked for, and up to a fifth of it by chance.
        _time.Advance(TimeSpan.FromSeconds(0.6));

        (await call.WaitAsync(TimeSpan.FromMinutes(1))).ShouldBe("done");
        _attempts.ShouldBe(2);
    }

    [Fact]
    public async Task It_is_not_made_again_for_ever()
    {
        var call = CallAsync(_ => Busy(TimeSpan.FromSeconds(1)));
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await Should.ThrowAsync<RpcException>(() => call)).StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        _attempts.ShouldBe(6);
    }

    [Fact]
    public async Task Who_is_asked_to_wait_for_longer_than_a_person_would_hears_it_at_once()
    {
        await Should.ThrowAsync<RpcException>(() => CallAsync(_ => Busy(TimeSpan.FromMinutes(2))));

        _attempts.ShouldBe(1);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.ResourceExhausted)]
    public async Task What_was_refused_without_a_time_to_come_back_is_told_at_once(StatusCode status)
    {
        await Should.ThrowAsync<RpcException>(() => CallAsync(_ => new ApiError(status, "code", "no").ToRpcException()));

        _attempts.ShouldBe(1);
    }

    private static RpcException Busy(TimeSpan delay) => new ApiError(StatusCode.ResourceExhausted, "overloaded", "busy") { RetryAfter = delay }.ToRpcException();

    private Task<string> CallAsync(Func<int, RpcException?> refusal)
    {
        var calls = new PatientCalls(_time);
        return calls.AsyncUnaryCall("request", new ClientInterceptorContext<string, string>(Method, null, default), (_, _) =>
        {
            var answer = refusal(++_attempts) is { } refused ? Task.FromException<string>(refused) : Task.FromResult("done");
            return new AsyncUnaryCall<string>(answer, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
        }).ResponseAsync;
    }
}
