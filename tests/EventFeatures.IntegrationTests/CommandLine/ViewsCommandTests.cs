using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Specs;
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

    private const string Later =
        """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: fraud
        version: 2
        features:
          - { feature: card_activity__count_1h, missing: { default: 0 } }
        ---
        apiVersion: eventfeatures/v1
        kind: Model
        name: fraud
        version: 2
        service: fraud@v2
        threshold: 0.5
        """;

    private readonly PaymentsSystem _payments = new();
    private Position _last;
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"eventfeatures-view-{Guid.NewGuid():n}.yaml");

    public async Task InitializeAsync()
    {
        await _payments.InitializeAsync();
        await File.WriteAllTextAsync(_file, Next);
        for (var minute = 0; minute < 100; minute += 10)
            _last = (await _payments.System.Log.AppendToStreamAsync("card-1", StreamState.Any, [new EventData(
                Guid.NewGuid(), "PaymentAuthorised", System.Text.Encoding.UTF8.GetBytes($$"""{"amount": 5, "country": "FR", "occurred_at": "2026-01-01T{{minute / 60:00}}:{{minute % 60:00}}:00Z"}"""))])).Position;
    }

    public async Task DisposeAsync()
    {
        File.Delete(_file);
        await _payments.DisposeAsync();
    }

    [Fact]
    public async Task A_new_version_builds_beside_the_old_one_serves_once_it_is_switched_and_goes_back_at_once()
    {
        await CommittedAsync();
        (await RunAsync("apply", _file, "--reason", "a longer window")).ShouldContain("views switch");
        (await CountAsync("card_activity")).ShouldBe("6");

        (await RunAsync("views", "switch", "card_activity", "--version", "2", "--reason", "it is better", "--wait", "1m")).ShouldContain("v1 served before");
        (await CountAsync("card_activity")).ShouldBe("10");
        (await CountAsync("card_activity@v1")).ShouldBe("6");
        (await RunAsync("views", "rebuild", "card_activity@v2")).ShouldContain("1 entities and 10 rows compared");
        var status = await RunAsync("status");
        status.ShouldMatch(@"card_activity@v2: built from card_activity@v1 up to position \d+, and the log from there on");
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

    [Fact]
    public async Task A_version_is_built_from_the_log_where_the_older_one_refused_events_and_says_so()
    {
        await _payments.System.Log.AppendToStreamAsync("card-1", StreamState.Any, [new EventData(Guid.NewGuid(), "PaymentAuthorised", "{}"u8.ToArray())]);
        await CommittedAsync();
        await RunAsync("apply", _file, "--reason", "a longer window");
        await RunAsync("views", "switch", "card_activity", "--version", "2", "--wait", "1m");

        (await RunAsync("status")).ShouldContain("card_activity@v2: built from the log's first event on, since card_activity@v1 refused or passed over 1 events");
        (await RunAsync("views", "rebuild", "card_activity@v2")).ShouldContain("equal");
    }

    [Fact]
    public async Task A_version_that_was_applied_to_serve_once_it_has_caught_up_serves_then_in_the_name_of_who_asked()
    {
        (await RunAsync("apply", _file, "--reason", "a longer window", "--actor", "ana", "--switch-when-caught-up")).ShouldContain("serves once it has caught up");
        await Eventually.TrueAsync(async () => (await StatusAsync()).Single(view => view.View == "card_activity@v2").Served, TimeSpan.FromSeconds(30), () => "Version 2 does not serve.");
        (await CountAsync("card_activity")).ShouldBe("10");
        (await StatusAsync()).ShouldAllBe(view => !view.ServesNext);
        var last = await _payments.System.Log.ReadStreamAsync("featureview-card_activity").LastAsync();
        (last.Type, JsonElement.Parse(last.Data.Span).GetProperty("by").GetString(), JsonElement.Parse(last.Data.Span).GetProperty("why").GetString())
            .ShouldBe(("FeatureViewVersionServed", "ana", "a longer window"));
    }

    [Fact]
    public async Task A_version_is_retired_once_nothing_uses_it_and_its_rows_go_and_it_comes_back_from_the_log()
    {
        await RunAsync("apply", _file, "--reason", "a longer window");
        await RunAsync("views", "switch", "card_activity", "--version", "2", "--wait", "1m");
        var used = await CommandRun.Of("views", "retire", "card_activity", "--version", "1", "--server", _payments.System.Host.ApiAddress);
        (used.ExitCode, used.Errors.Contains("card_activity@v1 is read by fraud@v1 (which the model 'fraud' reads)", StringComparison.Ordinal)).ShouldBe((1, true), used.ToString());
        await File.WriteAllTextAsync(_file, Later);
        await RunAsync("apply", _file, "--reason", "they read v2");

        (await RunAsync("views", "retire", "card_activity", "--version", "1", "--reason", "v2 serves")).ShouldContain("they can be built again from the log");

        await Eventually.TrueAsync(async () => await LeftAsync() == 0, TimeSpan.FromSeconds(30), () => "The database still holds some of version 1.");
        (await StatusAsync()).Select(view => view.View).ShouldBe(["card_activity@v2"]);
        var gone = await CommandRun.Of("features", "get", "--feature", "card_activity__count_1h@v1", "--entity", "card=1", "--server", _payments.System.Host.ApiAddress);
        (gone.ExitCode, gone.Errors.Contains("views revive card_activity --version 1", StringComparison.Ordinal)).ShouldBe((1, true), gone.ToString());
        await _payments.System.RestartAsync();
        (await CountAsync("card_activity")).ShouldBe("10");
        (await LeftAsync()).ShouldBe(0);

        (await RunAsync("views", "revive", "card_activity", "--version", "1")).ShouldContain("projected again from the log's first event");
        await Eventually.TrueAsync(async () => (await StatusAsync()).Any(view => view is { View: "card_activity@v1", State: "live" }), TimeSpan.FromSeconds(30), () => "Version 1 does not come back.");
        (await CountAsync("card_activity@v1")).ShouldBe("6");
    }

    /// <summary>Waits until the first version has committed all there is; its value's lineage comes from what is committed.</summary>
    private async Task CommittedAsync() => await _payments.System.Audit.ValueLineageAsync(new ValueLineageRequest { View = "card_activity@v1", Entities = { ["card"] = "1" } });

    /// <summary>What the database still holds of the first version.</summary>
    private async Task<long> LeftAsync() => (long)(await _payments.System.Database.ScalarAsync(
        """
        select (select count(*) from pg_tables where schemaname = 'batch' and tablename like 'card\_activity\_v1%')
            + (select count(*) from views.mt_doc_online_entity where tenant_id = 'card_activity@v1')
            + (select count(*) from views.mt_doc_view_checkpoint where id = 'card_activity@v1') + (select count(*) from views.view_partition where view = 'card_activity@v1')
        """))!;

    private async Task<IReadOnlyList<ViewStatus>> StatusAsync() => (await _payments.System.Features.GetStatusAsync(new GetStatusRequest())).Views;

    private async Task<string> CountAsync(string view)
    {
        var feature = view.Contains('@', StringComparison.Ordinal) ? $"card_activity__count_1h{view[view.IndexOf('@', StringComparison.Ordinal)..]}" : $"{view}__count_1h";
        var answer = await RunAsync("features", "get", "--feature", feature, "--entity", "card=1", "--as-of", "2026-01-01T01:30:00Z", "--min-position", $"{_last}", "--json");
        return JsonElement.Parse(answer).GetProperty("features")[0].GetProperty("value").GetProperty("integer").GetString()!;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var run = await CommandRun.Of([.. arguments, "--server", _payments.System.Host.ApiAddress]);
        run.ExitCode.ShouldBe(0, run.ToString());
        return run.Output;
    }
}
