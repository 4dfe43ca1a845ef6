using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>Something that accepts connections at a server's address and never says a word.</summary>
public sealed class SilentServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // The system accepts for it, as for a program that is stopped.
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SilentServerTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    private string Address => $"http://{_listener.LocalEndpoint}";

    [Fact]
    public async Task A_call_with_one_answer_ends_once_no_sign_of_life_comes()
    {
        await using var api = ApiSession.To(Address, CallLimits.Default with { PingAfter = Soon, PingAnswer = Soon });

        await IsToldAsync(async () => await api.Features.GetStatusAsync(new GetStatusRequest()), "accepted the connection, and then no sign of life came from it");
    }

    [Fact]
    public async Task A_call_that_streams_does_too()
    {
        await using var api = ApiSession.To(Address, CallLimits.Default with { PingAfter = Soon, PingAnswer = Soon });
        using var call = api.Features.Subscribe(new SubscribeRequest { Service = "fraud@v1" });

        await IsToldAsync(async () => await call.ResponseStream.MoveNext(CancellationToken.None), "accepted the connection, and then no sign of life came from it");
    }

    private async Task IsToldAsync(Func<Task> call, string waitedFor)
    {
        await using var errors = new StringWriter();
        var command = new RootCommand { GlobalOptions.Server, GlobalOptions.Home }.Does(async Task (_, _) => await call().WaitAsync(Patience, CancellationToken.None));

        var exitCode = await command.Parse(["--server", Address]).InvokeAsync(new InvocationConfiguration { Error = errors });

        exitCode.ShouldBe(ExitCode.DependencyDown, errors.ToString());
        errors.ToString().ShouldContain($"No EventFeatures server answers at {Address}: ");
        errors.ToString().ShouldContain(waitedFor);
        errors.ToString().ShouldContain("check what --server names");
    }
}
