using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

public sealed class LineageCommandTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task An_event_is_followed_forwards_from_the_command_line()
    {
        var payment = PaymentsSystem.Payment("10", "2026-01-01T10:00:00Z");
        await payments.System.Events.AppendAsync(PaymentsSystem.Payments("forwards", payment));

        var run = await CommandRun.Of("lineage", "--event", payment.EventId, "--server", payments.System.Host.ApiAddress);
        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldContain("counts      card_activity@v1 of forwards  card-forwards@0");
        run.Output.ShouldContain("prediction  none rests on it");
        (await CommandRun.Of("lineage", "--event", $"{Guid.NewGuid()}", "--server", payments.System.Host.ApiAddress)).Errors.ShouldContain("No view counts an event");
        (await CommandRun.Of("lineage", "--server", payments.System.Host.ApiAddress)).Errors.ShouldContain("--event ID");
    }
}
