using System.Text.Json;
using EventFeatures.Api.V1;
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

        var run = await RunAsync("--event", payment.EventId);
        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldContain("counts      card_activity@v1 of forwards  card-forwards@0");
        run.Output.ShouldContain("prediction  none rests on it");
        (await RunAsync("--event", $"{Guid.NewGuid()}")).Errors.ShouldContain("No view counts an event");
    }

    [Fact]
    public async Task A_value_is_followed_back_to_its_events_as_soon_as_they_are_acknowledged()
    {
        var known = 0ul;
        for (var minute = 0; minute < 12; minute++)
        {
            var answer = await payments.System.Events.AppendAsync(PaymentsSystem.Payments("backwards", PaymentsSystem.Payment("10", $"2026-01-01T10:{minute:00}:00Z")));
            if (minute == 5) known = answer.Position;
            var run = await RunAsync("--view", "card_activity@v1", "--entity", "card=backwards", "--feature", "count_1h", "--as-of", "2026-01-01T10:30:00Z", "--json");
            run.ExitCode.ShouldBe(0, run.ToString());
            var feature = JsonElement.Parse(run.Output).GetProperty("features")[0];
            feature.GetProperty("eventCount").GetString().ShouldBe($"{minute + 1}");
            feature.GetProperty("value").GetProperty("value").GetProperty("integer").GetString().ShouldBe($"{minute + 1}");
        }

        var text = await RunAsync("--view", "card_activity", "--entity", "card=backwards", "--as-of", "2026-01-01T10:30:00Z");
        text.ExitCode.ShouldBe(0, text.ToString());
        text.Output.ShouldContain("card_activity__sum_24h = 120  PRESENT, of 12 events");
        text.Output.ShouldContain("and 7 earlier ones; --json lists all");
        var then = await RunAsync("--view", "card_activity", "--entity", "card=backwards", "--as-of", "2026-01-01T10:30:00Z", "--known-at", $"{known}", "--limit", "2");
        then.Output.ShouldContain("card_activity__count_1h = 6  PRESENT, of 6 events");
        then.Output.ShouldContain("and 4 earlier ones; --json lists 2, --limit N more");

        using var http = await payments.System.Http.PostAsync(
            "/v1/lineage/values", new StringContent("""{"view": "card_activity", "entities": {"card": "backwards"}, "feature": "count_1h", "asOf": "2026-01-01T10:30:00Z"}""", System.Text.Encoding.UTF8, "application/json"));
        JsonElement.Parse(await http.Content.ReadAsStringAsync()).GetProperty("features")[0].GetProperty("events").GetArrayLength().ShouldBe(12);
    }

    [Fact]
    public async Task A_column_is_followed_in_both_directions_over_every_interface()
    {
        var field = await RunAsync("--field", "payments.authorisation/1#amount");
        field.ExitCode.ShouldBe(0, field.ToString());
        field.Output.ShouldMatch(@"payments\.authorisation/1#amount +card_activity__sum_24h@v1 +of +sum of amount");
        field.Output.ShouldMatch(@"fraud@v1 +fraud +scored");
        var model = JsonElement.Parse((await RunAsync("--model", "fraud", "--json")).Output);
        model.GetProperty("upstream").EnumerateArray().Select(edge => edge.GetProperty("from").GetProperty("id").GetString()).ShouldContain("payments.authorisation/1#occurred_at");

        var http = JsonElement.Parse(await payments.System.Http.GetStringAsync("/v1/lineage/columns?feature=card_activity__sum_24h"));
        http.GetProperty("upstream")[0].GetProperty("subtype").GetString().ShouldBe("AGGREGATION");
        (await payments.System.Audit.ColumnLineageAsync(new ColumnLineageRequest { View = "card_activity" })).Subjects.Count.ShouldBe(3);
        (await RunAsync("--view", "card_activity@v1", "--feature", "sum_24h")).Output.ShouldStartWith("feature     card_activity__sum_24h@v1");

        var unknown = await RunAsync("--field", "payments.authorisation/1#amont");
        unknown.ExitCode.ShouldBe(1, unknown.ToString());
        unknown.Errors.ShouldContain("Did you mean 'amount'?");
    }

    [Fact]
    public async Task OpenLineage_events_come_one_a_line_and_over_http()
    {
        var run = await RunAsync("--model", "fraud", "--openlineage");
        run.ExitCode.ShouldBe(0, run.ToString());
        var events = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        events.Select(one => one.GetProperty("schemaURL").GetString()!.Split('/')[^1]).Distinct().ShouldBe(["DatasetEvent", "JobEvent"]);
        events.ShouldAllBe(one => one.GetProperty("producer").GetString()!.StartsWith("urn:eventfeatures:"));
        JsonElement.Parse(await payments.System.Http.GetStringAsync("/v1/lineage/openlineage?model=fraud")).GetProperty("events").GetArrayLength().ShouldBe(events.Count);
    }

    [Theory]
    [InlineData("--event ID")]
    [InlineData("different questions", "--model", "fraud", "--service", "fraud")]
    [InlineData("name it with --view", "--entity", "card=1")]
    [InlineData("--as-of is about the values", "--view", "card_activity", "--as-of", "2026-01-01T10:30:00Z")]
    [InlineData("no single events", "--openlineage", "--event", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")]
    public async Task A_question_that_cannot_be_asked_is_told_so(string said, params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain(said);
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.Of(["lineage", .. arguments, "--server", payments.System.Host.ApiAddress]);
}
