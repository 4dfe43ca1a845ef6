using EventFeatures.Cli.Connection;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

public sealed class HomeFolderTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("eventfeatures-home-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task A_server_that_is_starting_is_not_taken_for_the_one_that_was_killed_before_it()
    {
        Directory.CreateDirectory(Path.Combine(_home, "models"));
        new RunningServer(1, "http://127.0.0.1:1", "esdb://127.0.0.1:2").Write(_home);
        using var starting = HomeLock.TryTake(_home);

        var run = await CommandRun.Of("status", "--home", _home);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain("A server is just starting or stopping");
    }

    [Fact]
    public void A_server_that_runs_is_still_found_when_its_folder_cannot_be_taken()
    {
        using var running = HomeLock.TryTake(_home);
        new RunningServer(1, "http://127.0.0.1:1", "esdb://127.0.0.1:2").Write(_home);

        HomeLock.TryTake(_home).ShouldBeNull();

        RunningServer.Read(_home)!.Api.ShouldBe("http://127.0.0.1:1");
    }

    [Fact]
    public async Task A_home_whose_lock_cannot_be_made_is_told_with_the_cause_and_not_as_a_running_server()
    {
        Directory.CreateDirectory(Path.Combine(_home, "models"));
        // A link to itself cannot be opened by anyone, root included.
        var itself = Path.Combine(_home, "lock");
        File.CreateSymbolicLink(itself, itself);

        var run = await CommandRun.Of("status", "--home", _home);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"The home folder {_home} cannot be locked: ");
        run.Errors.ShouldNotContain("server");
    }

    [Fact]
    public async Task A_home_without_a_name_is_told_and_no_crash()
    {
        var run = await CommandRun.Of("status", "--home", "");

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain("--home is empty. Name a folder");
    }
}
