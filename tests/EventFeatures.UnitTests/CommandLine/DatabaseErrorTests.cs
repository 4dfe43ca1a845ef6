using System.CommandLine;
using System.Text.Json;
using EventFeatures.Cli.CommandLine;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

public sealed class DatabaseErrorTests
{
    [Theory]
    [InlineData("42501", "permission denied for database shop", "EVENTFEATURES_POSTGRES")]
    [InlineData("53100", "could not extend file: No space left on device", "Free some space")]
    [InlineData("28P01", "password authentication failed for user \"ann\"", "EVENTFEATURES_POSTGRES")]
    [InlineData("53300", "sorry, too many clients already", "EVENTFEATURES_POSTGRES")]
    [InlineData("XX001", "invalid page in block 0", "report it")]
    public async Task What_the_database_refuses_is_told_with_a_next_step(string state, string cause, string next)
    {
        var (exitCode, code, message) = await ReportOf(new PostgresException(cause, "ERROR", "ERROR", state));

        exitCode.ShouldBe(ExitCode.DependencyDown);
        code.ShouldBe("database-unavailable");
        message.ShouldContain($"{cause}. ");
        message.ShouldContain(next);
        message.ShouldNotContain("A defect");
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_told_with_its_address_the_cause_and_the_setting()
    {
        await using var connection = new NpgsqlConnection("Host=127.0.0.1;Port=1;Username=ann;Password=s3cret");
        var unreachable = await Should.ThrowAsync<NpgsqlException>(connection.OpenAsync());

        var (exitCode, code, message) = await ReportOf(unreachable);

        exitCode.ShouldBe(ExitCode.DependencyDown);
        code.ShouldBe("database-unavailable");
        message.ShouldContain("127.0.0.1:1: Connection refused.");
        message.ShouldContain("EVENTFEATURES_POSTGRES");
        message.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_failure_of_the_database_is_told_also_where_a_library_wraps_it()
    {
        var wrapped = new InvalidOperationException("A command failed.", new PostgresException("the disk is full", "ERROR", "ERROR", "53100"));

        (await ReportOf(wrapped)).ExitCode.ShouldBe(ExitCode.DependencyDown);
    }

    private static async Task<(int ExitCode, string Code, string Message)> ReportOf(Exception error)
    {
        await using var errors = new StringWriter();
        var command = new RootCommand { GlobalOptions.Json }.Does(Task (_, _) => throw error);
        var exitCode = await command.Parse(["--json"]).InvokeAsync(new InvocationConfiguration { Error = errors });
        var report = JsonElement.Parse(errors.ToString()).GetProperty("error");
        return (exitCode, report.GetProperty("code").GetString()!, report.GetProperty("message").GetString()!);
    }
}
