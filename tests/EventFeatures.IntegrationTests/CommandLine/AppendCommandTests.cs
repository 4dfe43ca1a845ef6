using System.Text.Json;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

public sealed class AppendCommandTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>, IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    private string Server => payments.System.Host.ApiAddress;

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task An_accepted_event_is_told_with_its_place()
    {
        var run = await AppendAsync("--stream", "refund-cli1", "--type", "Refunded", "--data", """{"amount": 5}""");

        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldMatch("^appended [0-9a-f-]{36} to refund-cli1 at revision 0, position [0-9]+\n$");
    }

    [Fact]
    public async Task A_quarantined_event_is_told_as_such_with_why_and_where_and_the_exit_code_of_a_refusal()
    {
        var run = await AppendAsync("--stream", "refund-cli2", "--type", "Refunded", "--data", """{"amount": "much"}""");

        run.ExitCode.ShouldBe(1, run.ToString());
        run.Output.ShouldBeEmpty();
        run.Errors.ShouldContain("is not in refund-cli2");
        run.Errors.ShouldContain("quarantined");
        run.Errors.ShouldMatch(@"why +.*amount.*\[[a-z-]+\]");
        run.Errors.ShouldMatch("where +quarantine-payments.refund at revision [0-9]+, position [0-9]+");
        run.Errors.ShouldContain("append it again");
        run.Errors.ShouldNotContain("revision -1");
    }

    [Fact]
    public async Task A_quarantined_event_has_its_verdict_code_and_detail_in_json()
    {
        var run = await AppendAsync("--stream", "refund-cli3", "--type", "Refunded", "--data", """{"amount": "much"}""", "--json");

        run.ExitCode.ShouldBe(1, run.ToString());
        var kept = JsonElement.Parse(run.Output).GetProperty("events")[0];
        kept.GetProperty("verdict").GetString().ShouldBe("QUARANTINED");
        kept.GetProperty("code").GetString().ShouldNotBeNullOrEmpty();
        kept.GetProperty("detail").GetString()!.ShouldContain("amount");
        kept.GetProperty("stream").GetString()!.ShouldStartWith("quarantine-");
    }

    [Fact]
    public async Task A_file_ends_with_how_many_were_appended_quarantined_and_refused_and_each_that_was_not_by_its_line()
    {
        await WriteAsync(
            Line("refund-file", """{"amount": 1}"""),
            Line("refund-file", """{"amount": "much"}"""),
            Line("nobody-1", "{}"),
            Line("refund-file", """{"amount": 2}"""));

        var run = await AppendAsync("--file", _file);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Output.ShouldMatch("^appended 2, quarantined 1, refused 1; position [0-9]+\n$");
        run.Errors.ShouldMatch($@"{_file}:2: kept in quarantine-payments\.refund: .*amount");
        run.Errors.ShouldMatch($@"{_file}:3: refused: .*\[contract-missing\]");
    }

    [Fact]
    public async Task A_file_with_quarantined_events_alone_ends_as_a_refusal_and_lists_them_in_json()
    {
        await WriteAsync("", Line("refund-file2", """{"amount": "much"}"""));

        var run = await AppendAsync("--file", _file, "--json");

        run.ExitCode.ShouldBe(1, run.ToString());
        var summary = JsonElement.Parse(run.Output);
        (summary.GetProperty("appended").GetInt32(), summary.GetProperty("quarantined").GetInt32(), summary.GetProperty("refused").GetInt32()).ShouldBe((0, 1, 0));
        var kept = summary.GetProperty("notAppended")[0];
        kept.GetProperty("line").GetInt32().ShouldBe(2);
        kept.GetProperty("verdict").GetString().ShouldBe("QUARANTINED");
        kept.GetProperty("detail").GetString()!.ShouldContain("amount");
    }

    [Fact]
    public async Task Nothing_of_a_file_with_a_broken_line_is_appended()
    {
        await WriteAsync(Line("refund-broken", """{"amount": 1}"""), "{");

        var run = await AppendAsync("--file", _file);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{_file}:2: ");
        (await payments.System.Log.ReadStreamAsync("refund-broken").AnyAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_of_many_events_is_appended_in_its_order()
    {
        await WriteAsync([.. Enumerable.Range(0, 700).Select(number => Line("refund-many", $$"""{"amount": {{number}}}"""))]);

        var run = await AppendAsync("--file", _file);

        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldStartWith("appended 700, quarantined 0, refused 0;");
        var amounts = await payments.System.Log.ReadStreamAsync("refund-many").Select(recorded => JsonElement.Parse(recorded.Data.Span).GetProperty("amount").GetInt32()).ToListAsync();
        amounts.ShouldBe(Enumerable.Range(0, 700));
    }

    private static string Line(string stream, string data) =>
        $$"""{"stream": "{{stream}}", "type": "Refunded", "time": "2026-01-01T00:00:00Z", "data": {{data}}}""";

    private Task WriteAsync(params string[] lines) => File.WriteAllLinesAsync(_file, lines);

    private Task<CommandRun> AppendAsync(params string[] arguments) => CommandRun.Of(["append", "--server", Server, .. arguments]);
}
