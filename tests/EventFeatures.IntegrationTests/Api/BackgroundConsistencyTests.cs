using System.Text;
using EventFeatures.Api.V1;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Testing.Specs;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;
using ConsistencyStatus = EventFeatures.Api.V1.ConsistencyStatus;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>What is served is compared with the batch views without anybody asking.</summary>
public sealed class BackgroundConsistencyTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly PaymentsSystem _payments = new();

    private RunningSystem System => _payments.System;

    public Task InitializeAsync() => _payments.InitializeAsync(options => options with
    {
        Consistency = new ConsistencyWatchOptions { ShareMax = 0.5, VectorsTogether = 4, PassPause = TimeSpan.Zero, IdlePause = TimeSpan.FromMilliseconds(50) },
    });

    public Task DisposeAsync() => _payments.DisposeAsync();

    [Fact]
    public async Task A_clean_run_has_no_mismatch_and_one_wrong_online_row_is_found_and_named()
    {
        for (var card = 0; card < 10; card++) await PayAsync(card, "10", "2026-01-01T10:00:00Z");
        var before = await StoredStates.ReadAsync(System, "k3");
        for (var card = 0; card < 10; card++) await PayAsync(card, "7", "2026-01-01T10:10:00Z");
        await StoredStates.ReadAsync(System, "k3");
        var clean = await PassedAsync(2);
        clean.OnlineVectors.ShouldBeGreaterThanOrEqualTo(20);
        (clean.OnlineDiffering, clean.ServedDiffering, clean.Mismatches.Count).ShouldBe((0, 0, 0));
        clean.Worker.ShouldNotBeEmpty();
        (await CommandRun.Of("consistency", "status", "--server", System.Host.ApiAddress)).ExitCode.ShouldBe(0);

        // As a lost update would leave it; after a restart no other copy is in memory.
        await StoredStates.ReplaceAsync(System, "k3", before);
        await System.RestartAsync();
        var found = await StatusAsync(status => status.Mismatches.Count == 3);

        found.Passes.ShouldBeGreaterThanOrEqualTo(clean.Passes, "a restart goes on where it was");
        found.Mismatches.Select(mismatch => (mismatch.Path, mismatch.Feature)).ShouldBe(
            [("online", "card_activity__count_1h"), ("online", "card_activity__sum_24h"), ("online", "card_activity__last_units")], ignoreOrder: true);
        found.Mismatches.ShouldAllBe(mismatch => mismatch.Example.Contains("card_activity@v1 of k3 as of 2026-01-01T10:10:00Z"));
        await IsToldAsync();
    }

    private async Task IsToldAsync()
    {
        // Its events were appended before it was counted, and are told of once an hour at most.
        var told = new List<string>();
        await foreach (var recorded in System.Log.ReadStreamAsync(ConsistencyMismatchFound.Stream)) told.Add(Encoding.UTF8.GetString(recorded.Data.Span));
        told.Count.ShouldBe(3);
        told.ShouldAllBe(text => text.Contains("card_activity@v1 of k3"));
        var status = await CommandRun.Of("consistency", "status", "--server", System.Host.ApiAddress);
        status.ExitCode.ShouldBe(1, status.ToString());
        status.Output.ShouldContain("differs   card_activity__sum_24h (online)");
        (await CommandRun.Of("status", "--server", System.Host.ApiAddress)).Output.ShouldContain("compared with the batch views in the background");
        var metrics = await System.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        metrics.ShouldContain("eventfeatures_consistency_mismatches");
        metrics.ShouldContain("eventfeatures_consistency_gap");
    }

    private Task<ConsistencyStatus> PassedAsync(long passes) => StatusAsync(status => status.Passes >= passes && status.OnlineVectors >= 10 * passes);

    private async Task<ConsistencyStatus> StatusAsync(Func<ConsistencyStatus, bool> condition)
    {
        ConsistencyStatus? status = null;
        await Eventually.TrueAsync(
            async () => (status = (await System.Features.GetStatusAsync(new GetStatusRequest())).Consistency) is not null && condition(status), Deadline, () => $"{status}");
        return status!;
    }

    private async Task PayAsync(int card, string amount, string occurredAt) =>
        await System.Events.AppendAsync(PaymentsSystem.Payments($"k{card}", PaymentsSystem.Payment(amount, occurredAt)));
}
