using System.IO.Pipelines;
using EventFeatures.Log.Http2;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class ClientsCloseTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _sent = new();
    private readonly Pipe _received = new();
    private readonly DefaultConnectionContext _connection;

    public ClientsCloseTests() => _connection = new DefaultConnectionContext("1", new Duplex(_sent.Reader, _received.Writer), null!);

    [Fact]
    public async Task A_connection_that_the_server_is_done_with_ends_when_its_client_closes_it()
    {
        var served = ClientsClose.ServeAsync(_connection, FinishAsync, _time);

        served.IsCompleted.ShouldBeFalse();
        await _sent.Writer.CompleteAsync();

        await served.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_client_that_goes_on_talking_is_not_answered_and_has_its_time_and_no_more()
    {
        var served = ClientsClose.ServeAsync(_connection, FinishAsync, _time);
        // More than the pipe holds, so that it is taken in only if somebody reads it.
        for (var i = 0; i < 40; i++) await _sent.Writer.WriteAsync(new byte[4096]);

        served.IsCompleted.ShouldBeFalse();
        _time.Advance(ClientsClose.WaitMax);

        await served.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_the_server_wrote_last_reaches_the_client_before_the_end()
    {
        var served = ClientsClose.ServeAsync(_connection, FinishAsync, _time);

        var read = await _received.Reader.ReadAsync();

        read.Buffer.Length.ShouldBe(3);
        read.IsCompleted.ShouldBeFalse("the connection is still open");
        await _sent.Writer.CompleteAsync();
        await served;
    }

    /// <summary>As Kestrel does: it is left in the middle of a read, says its last word, and ends both of its halves.</summary>
    private static async Task FinishAsync(ConnectionContext connection)
    {
        var reading = connection.Transport.Input.ReadAsync();
        connection.Transport.Input.CancelPendingRead();
        (await reading).IsCanceled.ShouldBeTrue();
        await connection.Transport.Output.WriteAsync(new byte[3]);
        await connection.Transport.Input.CompleteAsync();
        await connection.Transport.Output.CompleteAsync();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
