using System.Text.Json;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

public sealed class UsageErrorTests
{
    [Theory]
    [InlineData("appnd", "eventfeatures has no verb 'appnd'. Did you mean 'append'?")]
    [InlineData("zzzzzzzz", "eventfeatures has no verb 'zzzzzzzz'. Allowed: append, apply,")]
    [InlineData("models trian fraud", "eventfeatures models has no verb 'trian'. Did you mean 'train'?")]
    [InlineData("models", "eventfeatures models needs one of its verbs: show, train, register, promote.")]
    [InlineData("demo", "eventfeatures demo needs one of its verbs: payments, electricity.")]
    [InlineData("append --strem card-1", "eventfeatures append has no option '--strem'. Did you mean '--stream'?")]
    [InlineData("status --hom x", "eventfeatures status has no option '--hom'. Did you mean '--home'?")]
    [InlineData("append card-1", "eventfeatures append does not take 'card-1' there.")]
    [InlineData("append --stream", "--stream needs a value, NAME. The stream, category-key, for example card-4929.")]
    [InlineData("predict --model fraud", "--entity NAME=KEY is missing. An entity's key, for example card=4929")]
    [InlineData("up --port abc", "--port takes a whole number, not 'abc'.")]
    [InlineData("up --port 99999", "--port takes a port from 0 to 65535, not 99999.")]
    [InlineData("predict --model m --entity a=b --known-at -1", "--known-at takes a whole number from 0 on, not '-1'.")]
    [InlineData("outcome --prediction p --label much", "--label takes a number, not 'much'.")]
    [InlineData("apply", "FILES is missing. Definition files")]
    [InlineData("models show", "MODEL is missing. The model's name")]
    public async Task A_mistyped_line_is_told_with_what_was_meant(string line, string message)
    {
        var run = await CommandRun.Of(line.Split(' '));

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Output.ShouldBeEmpty();
        run.Errors.ShouldContain(message);
        run.Errors.ShouldContain("--help'.");
        run.Errors.ShouldNotContain("System.");
    }

    [Fact]
    public async Task A_mistyped_line_is_told_to_machines_as_json()
    {
        var run = await CommandRun.Of("append", "--strem", "card-1", "--json");

        run.ExitCode.ShouldBe(2);
        var error = JsonElement.Parse(run.Errors).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("usage");
        error.GetProperty("message").GetString()!.ShouldContain("Did you mean '--stream'?");
        run.Errors.ShouldNotContain("\\u0027");
    }

    [Theory]
    [InlineData("http:/127.0.0.1:1", "is not a server's address")]
    [InlineData("http://127.0.0.1:1", "No EventFeatures server answers at http://127.0.0.1:1: Connection refused")]
    public async Task A_server_that_is_not_there_is_told_with_its_address(string server, string message)
    {
        var run = await CommandRun.Of("status", "--server", server);

        run.ExitCode.ShouldBe(server.Contains("//", StringComparison.Ordinal) ? 3 : 2, run.ToString());
        run.Errors.ShouldContain(message);
        run.Errors.ShouldContain("127.0.0.1:1");
        run.Errors.ShouldNotContain("   at ");
    }
}
