using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

/// <summary>A second version of a view, from its definition to serving and back, and a view that is built again.</summary>
public sealed class ViewsCommandTests : IAsyncLifetime
{
    private const string Next =
        """
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: card_activity
        version: 2
        owner: fraud-features@example.com
        entity: card
        source: { contract: payments.authorisation/1 }
        features:
          - { name: count_1h, aggregate: count, window: 2h }
        """;

    private readonly PaymentsSystem _payments = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"eventfeatures-view-{Guid.NewGuid():n}.yaml");

    public async Task InitializeAsync()
    {
        await _payments.InitializeAsync();
        await File.WriteAllTextAsync(_file, Next);
        for (var minute = 0; minute < 100; minute += 10)
            await _payments.System.Log.AppendToStreamAsync("card-1", StreamState.Any, [new EventData(
                Guid.NewGuid(), "PaymentAuthorised", System.Text.Encoding.UTF8.GetBytes($$"""{"amount": 5, "country": "FR", "occurred_at": "2026-01-01T{{minute / 60:00}}:{{minute % 60:00}}:00Z"}"""))]);
    }

    public async Task DisposeAsync()
    {
        File.Delete(_file);
        await _payments.DisposeAsync();
    }

    [Fact]
    public async Task A_new_version_builds_beside_the_old_one_serves_once_it_is_switched_and_goes_back_at_once()
    {
        (await RunAsync("apply", _file, "--reason", "a longer window")).ShouldContain("views switch");
        (await CountAsync("card_activity")).ShouldBe("6");

        (await RunAsync("views", "switch", "card_activity", "--version", "2", "--reason", "it is better", "--wait", "1m")).ShouldContain("v1 served before");
        (await CountAsync("card_activity")).ShouldBe("10");
        (await CountAsync("card_activity@v1")).ShouldBe("6");
        var status = await RunAsync("status");
        status.ShouldMatch(@"card_activity@v1 +live, by version only +64 of 64");
        status.ShouldMatch(@"card_activity@v2 +live +64 of 64");

        (await RunAsync("views", "restore", "card_activity", "--reason", "it is not")).ShouldContain("card_activity@v1 serves from position");
        (await CountAsync("card_activity")).ShouldBe("6");
    }

    [Fact]
    public async Task A_view_is_built_again_beside_itself_and_the_first_entity_that_differs_is_named()
    {
        (await RunAsync("views", "rebuild", "card_activity")).ShouldContain("1 entities and 10 rows compared");
        await using var tamper = _payments.System.Database.Source.CreateCommand("update batch.card_activity_v1 set revision = revision + 1 where revision = 3");
        (await tamper.ExecuteNonQueryAsync()).ShouldBe(1);

        var found = await CommandRun.Of("views", "rebuild", "card_activity@v1", "--server", _payments.System.Host.ApiAddress);
        found.ExitCode.ShouldBe(1, found.ToString());
        found.Output.ShouldContain("DIFFERENT. Entity '1' has other rows than the log gives.");

        (await RunAsync("views", "rebuild", "card_activity@v1", "--replace")).ShouldContain("builds again from the log's first event");
        JsonElement.Parse(await RunAsync("views", "rebuild", "card_activity@v1", "--json")).GetProperty("rows").GetString().ShouldBe("10");
        (await _payments.System.Database.ScalarAsync("select count(*) from pg_namespace where nspname like '%rebuild%'")).ShouldBe(0L);
    }

    private async Task<string> CountAsync(string view)
    {
        var feature = view.Contains('@', StringComparison.Ordinal) ? $"card_activity__count_1h{view[view.IndexOf('@', StringComparison.Ordinal)..]}" : $"{view}__count_1h";
        var answer = await RunAsync("features", "get", "--feature", feature, "--entity", "card=1", "--as-of", "2026-01-01T01:30:00Z", "--json");
        return JsonElement.Parse(answer).GetProperty("features")[0].GetProperty("value").GetProperty("integer").GetString()!;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var run = await CommandRun.Of([.. arguments, "--server", _payments.System.Host.ApiAddress]);
        run.ExitCode.ShouldBe(0, run.ToString());
        return run.Output;
    }
}
