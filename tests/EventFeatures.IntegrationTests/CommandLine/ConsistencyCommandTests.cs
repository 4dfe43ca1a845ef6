using System.Text.Json;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

public sealed class ConsistencyCommandTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task One_online_row_that_is_not_what_its_events_give_is_named()
    {
        for (var card = 0; card < 10; card++) await PayAsync(card, "10", "2026-01-01T10:00:00Z");
        var before = await StoredStates.ReadAsync(payments.System, "k3");
        for (var card = 0; card < 10; card++) await PayAsync(card, "7", "2026-01-01T10:10:00Z");
        await StoredStates.ReadAsync(payments.System, "k3");
        var clean = await CommandRun.Of("consistency", "check", "--service", "fraud@v1", "--server", payments.System.Host.ApiAddress);
        clean.ExitCode.ShouldBe(0, clean.ToString());
        clean.Output.ShouldContain("online    10 vectors, 30 values compared with the batch path, 0 differ");

        // As a lost update would leave it; after a restart no other copy is in memory.
        await StoredStates.ReplaceAsync(payments.System, "k3", before);
        await payments.System.RestartAsync();
        var found = await CommandRun.Of("consistency", "check", "--service", "fraud", "--json", "--server", payments.System.Host.ApiAddress);

        found.ExitCode.ShouldBe(1, found.ToString());
        var mismatches = JsonElement.Parse(found.Output).GetProperty("mismatches").EnumerateArray().ToList();
        mismatches.Select(mismatch => mismatch.GetProperty("feature").GetString()).ShouldBe(["card_activity__count_1h", "card_activity__sum_24h", "card_activity__last_units"], ignoreOrder: true);
        mismatches.ShouldAllBe(mismatch => mismatch.GetProperty("count").GetString() == "1" && mismatch.GetProperty("example").GetString()!.Contains("card_activity@v1 of k3 as of 2026-01-01T10:10:00Z"));
        (await payments.System.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).ShouldContain("eventfeatures_consistency_mismatches");
    }

    private async Task PayAsync(int card, string amount, string occurredAt) =>
        await payments.System.Events.AppendAsync(PaymentsSystem.Payments($"k{card}", PaymentsSystem.Payment(amount, occurredAt)));
}
