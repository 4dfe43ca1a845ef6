using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

public sealed class ApiErrorTests
{
    [Fact]
    public void A_client_reads_all_that_the_server_said()
    {
        var error = new ApiError(StatusCode.ResourceExhausted, "overloaded", "busy")
        {
            NextStep = "Come back.", RetryAfter = TimeSpan.FromMilliseconds(1250), Position = 17, Violations = [("a", "b")],
        };

        var read = ApiError.From(error.ToRpcException());

        (read.Status, read.Code, read.Message, read.NextStep, read.RetryAfter, read.Position).ShouldBe((error.Status, error.Code, error.Message, error.NextStep, error.RetryAfter, error.Position));
        read.Violations.ShouldBe(error.Violations);
        error.ToRpcException().Trailers.GetValue("grpc-retry-pushback-ms").ShouldBe("1250");
    }

    [Fact]
    public void A_log_that_does_not_let_the_server_in_is_said_with_what_to_do()
    {
        var error = ErrorMapping.Map(new LogAccessDeniedException("No such user.")).ShouldNotBeNull();

        (error.Status, error.Code, error.Message).ShouldBe((StatusCode.Unavailable, "log-access-denied", "No such user."));
        error.NextStep.ShouldContain("--log");
    }

    [Fact]
    public void However_much_is_wrong_the_error_fits_into_the_headers_that_clients_take()
    {
        var error = new ApiError(StatusCode.InvalidArgument, "invalid-argument", string.Concat(Enumerable.Repeat("wrong 😀 ", 20_000)))
        {
            Violations = [.. Enumerable.Range(0, 10_000).Select(index => ($"events[{index}]", "amount is missing"))],
        };

        var thrown = error.ToRpcException();

        thrown.Trailers.Sum(trailer => trailer.Key.Length + (trailer.IsBinary ? trailer.ValueBytes.Length * 4 / 3 : trailer.Value.Length)).ShouldBeLessThan(48 * 1024);
        Uri.EscapeDataString(thrown.Status.Detail).Length.ShouldBeLessThan(48 * 1024);
        ApiError.From(thrown).Violations.Count.ShouldBeGreaterThan(100);
    }
}
