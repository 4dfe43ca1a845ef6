using System.Net;
using System.Net.Sockets;
using EventFeatures.Log.Client;
using EventFeatures.Testing.Faults.Checks;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Faults;

/// <summary>A session of faults whose log is read at its end.</summary>
public sealed class SeenEventTests
{
    [Fact]
    public async Task A_log_that_cannot_be_read_in_time_is_a_failure_and_no_cancellation()
    {
        // Takes connections and answers nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var log = EventStoreLog.Connect(FormattableString.Invariant($"esdb://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}?tls=false"));

        (await Should.ThrowAsync<TimeoutException>(() => SeenEvent.AllOfAsync(log, TimeSpan.FromMilliseconds(100)))).Message
            .ShouldBe("The log could not be read to its end within 0.1 s; 0 events came.");
    }
}
