using EventFeatures.Cli.Connection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

public sealed class BoundedCallsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_call_without_an_answer_is_given_up_after_the_server_should_have()
    {
        var call = CallAsync("GetStatus", CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(44));
        call.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        var error = await Should.ThrowAsync<RpcException>(() => call.WaitAsync(TimeSpan.FromMinutes(1)));
        error.StatusCode.ShouldBe(StatusCode.Unavailable);
        error.Status.Detail.ShouldBe("it did not answer GetStatus within 45 s");
    }

    [Fact]
    public void A_call_whose_work_grows_with_the_log_may_take_hours()
    {
        var call = CallAsync("EventLineage", CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(6));

        call.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_call_that_its_caller_ends_is_cancelled()
    {
        using var caller = new CancellationTokenSource();
        var call = CallAsync("GetStatus", caller.Token);
        await caller.CancelAsync();

        (await Should.ThrowAsync<RpcException>(() => call.WaitAsync(TimeSpan.FromMinutes(1)))).StatusCode.ShouldBe(StatusCode.Cancelled);
    }

    /// <summary>A call that is never answered, and ends as the transport's do.</summary>
    private Task<string> CallAsync(string name, CancellationToken caller)
    {
        var method = new Method<string, string>(MethodType.Unary, "eventfeatures.v1.Any", name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        var calls = new BoundedCalls(_time, TimeSpan.FromSeconds(15));
        return calls.AsyncUnaryCall("request", new ClientInterceptorContext<string, string>(method, null, new CallOptions(cancellationToken: caller)), (_, context) =>
        {
            var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            context.Options.CancellationToken.Register(() => answer.SetException(new RpcException(new Status(StatusCode.Cancelled, "Call canceled by the client."))));
            return new AsyncUnaryCall<string>(answer.Task, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
        }).ResponseAsync;
    }
}
