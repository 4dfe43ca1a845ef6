using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>What a script passes whose variable is not set.</summary>
public sealed class EmptyPathTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("eventfeatures-home-").FullName;

    public EmptyPathTests() => Directory.CreateDirectory(Path.Combine(_home, "models"));

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("backup", "--to")]
    [InlineData("restore", "--from")]
    [InlineData("export --view v", "--to")]
    [InlineData("up", "--log-certificate", "--log-key", "key.pem")]
    [InlineData("up", "--log-key", "--log-certificate", "certificate.pem")]
    [InlineData("up", "--log-client-ca")]
    [InlineData("up", "--log-users")]
    public async Task An_empty_path_is_told_with_its_option_and_no_crash(string verb, string option, params string[] others)
    {
        var run = await CommandRun.Of([.. verb.Split(' '), option, "", .. others, "--home", _home]);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{option} is empty. Name a f");
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("append --file")]
    [InlineData("evaluate --view v --events e --spine s --definitions")]
    [InlineData("training-set --service s --spine")]
    [InlineData("features batch --service s --file")]
    [InlineData("models register m --service s --file")]
    [InlineData("up --producer-quotas")]
    [InlineData("demo electricity --input")]
    public async Task An_empty_path_of_any_verb_is_malformed_input(string verb)
    {
        var run = await CommandRun.Of([.. verb.Split(' '), "", "--home", _home]);

        run.ExitCode.ShouldBe(2, run.ToString());
    }
}
