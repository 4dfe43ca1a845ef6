using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

public sealed class ScavengeCommandTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task It_tells_what_it_removed_and_then_that_nothing_is_left_to_remove()
    {
        await payments.System.Log.AppendToStreamAsync("other-1", StreamState.NoStream, [.. Enumerable.Range(0, 30).Select(_ => new EventData(Guid.NewGuid(), "Tested", new byte[1000]))]);
        await payments.System.Log.SetStreamMetadataAsync("other-1", StreamState.NoStream, new StreamMetadata { MaxCount = 10 });

        var first = await CommandRun.Of("log", "scavenge", "--reason", "a test", "--server", payments.System.Host.ApiAddress);
        var second = await CommandRun.Of("log", "scavenge", "--json", "--server", payments.System.Host.ApiAddress);

        first.ExitCode.ShouldBe(0, first.ToString());
        first.Output.ShouldContain("removed  20 events with 0.0 MB of data");
        first.Output.ShouldMatch(@"disk     -?[0-9.]+ MB freed in 1 part of the log");
        second.ExitCode.ShouldBe(0, second.ToString());
        JsonElement.Parse(second.Output).GetProperty("eventsRemoved").GetString().ShouldBe("0");
    }
}
