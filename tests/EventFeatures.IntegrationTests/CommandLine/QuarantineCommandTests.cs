using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

/// <summary>Events that could not be used, from the command line and over HTTP.</summary>
public sealed class QuarantineCommandTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task A_person_sees_what_is_kept_aside_re_drives_it_and_discards_the_rest()
    {
        var (first, second) = (await RefundAsync("1"), await RefundAsync("2"));
        // Straight to the log, as any client may; here a view refuses it.
        var third = Guid.NewGuid();
        var appended = await payments.System.Log.AppendToStreamAsync("card-q3", StreamState.Any, [new EventData(third, "PaymentAuthorised", "{}"u8.ToArray())]);
        await payments.System.Host.Services.GetRequiredService<IBatchViews>().ReadEntityAsync(new ViewReference("card_activity", 1), "q3", appended.Position);

        var list = await RunAsync(0, "quarantine", "list");
        (list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, list.Errors.Contains("3 events.", StringComparison.Ordinal)).ShouldBe((3, true), list.ToString());
        var json = (await RunAsync(0, "quarantine", "list", "--contract", "payments.refund", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        json.Select(entry => entry.GetProperty("eventId").GetString()).ShouldBe([$"{first}", $"{second}"]);
        (await RunAsync(0, "quarantine", "show", $"{third}")).Output.ShouldContain("where no view counts it");
        (await RunAsync(0, "quarantine", "show", $"{first}")).Output.ShouldContain("data      {\"amount\": \"much\"}");

        (await RunAsync(1, "quarantine", "redrive", "--all")).Errors.ShouldContain("redrive: 0 done, 3 failed");
        await RefundsTakeTextAsync();
        (await RunAsync(0, "quarantine", "redrive", $"{first}", "--reason", "text is allowed now", "--actor", "ana")).Output.ShouldContain("It is in 'refund-1' with its own id.");
        (await RunAsync(0, "quarantine", "redrive", $"{first}")).Output.ShouldContain("It was re-driven before.");
        var refunds = await payments.System.Log.ReadStreamAsync("refund-1").ToListAsync();
        refunds.ShouldHaveSingleItem().EventId.ShouldBe(first);

        (await RunAsync(2, "quarantine", "discard", $"{second}")).Errors.ShouldContain("--reason");
        await RunAsync(0, "quarantine", "discard", "--all", "--reason", "not worth it", "--actor", "ana");
        (await RunAsync(0, "quarantine", "list")).Errors.ShouldContain("No event is kept aside.");
        (await RunAsync(0, "quarantine", "list", "--closed")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
        (await RunAsync(0, "quarantine", "show", $"{second}")).Output.ShouldContain("QuarantineDiscarded by ana: not worth it");
        (await RunAsync(1, "quarantine", "show", $"{Guid.NewGuid()}")).Errors.ShouldContain("No quarantine holds");

        var foreign = await payments.System.Log.AppendToStreamAsync("quarantine-payments.refund", StreamState.Any, [new EventData(Guid.NewGuid(), "EventQuarantined", "{}"u8.ToArray())]);
        (await RunAsync(0, "quarantine", "list")).Errors.ShouldContain($"1 events of quarantines are left out because they cannot be read, the first at position {foreign.Position}.");
        var redrive = await RunAsync(0, "quarantine", "redrive", "--all");
        redrive.Errors.ShouldContain("redrive: 0 done, 0 failed");
        redrive.Errors.ShouldContain($"1 events of quarantines are left out because they cannot be read, the first at position {foreign.Position}.");
        var summary = JsonElement.Parse((await RunAsync(0, "quarantine", "discard", "--all", "--reason", "not worth it", "--json")).Output);
        (summary.GetProperty("done").GetString(), summary.GetProperty("unreadable").GetString(), summary.GetProperty("unreadablePosition").GetString()).ShouldBe(("0", "1", $"{foreign.Position}"));

        using var http = JsonDocument.Parse(await payments.System.Http.GetStringAsync(new Uri("/v1/quarantine?includeClosed=true", UriKind.Relative)));
        http.RootElement.GetProperty("entries").GetArrayLength().ShouldBe(3);
        http.RootElement.GetProperty("unreadable").GetString().ShouldBe("1");
    }

    private async Task<Guid> RefundAsync(string key)
    {
        var id = Guid.NewGuid();
        await payments.System.Events.AppendAsync(new AppendRequest
        {
            Stream = $"refund-{key}", Events = { new Event { EventId = $"{id}", Type = "Refunded", Data = ByteString.CopyFromUtf8("""{"amount": "much"}""") } },
        });
        return id;
    }

    /// <summary>A new version of the contract, which the stream's category finds first.</summary>
    private async Task RefundsTakeTextAsync()
    {
        var contract = PaymentsSystem.Definitions.Split("---\n").Single(text => text.Contains("payments.refund", StringComparison.Ordinal))
            .Replace("version: 1.0.0", "version: 2.0.0", StringComparison.Ordinal)
            .Replace("logicalType: number, physicalType: decimal, required: true", "logicalType: string, required: true", StringComparison.Ordinal);
        await payments.System.Registry.ApplyAsync(new ApplyRequest { Files = { new DefinitionFile { Path = "refund.yaml", Content = contract } }, Actor = "tests", Reason = "wider" });
    }

    private async Task<CommandRun> RunAsync(int exitCode, params string[] command)
    {
        var run = await CommandRun.Of([.. command, "--server", payments.System.Host.ApiAddress]);
        run.ExitCode.ShouldBe(exitCode, run.ToString());
        return run;
    }
}
