using System.Text.Json;
using EventFeatures.Server.Telemetry;
using EventFeatures.Testing.Specs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Telemetry;

/// <summary>A disk may fail for a moment; the log goes on once it works again. <c>/dev/full</c> is a disk without room.</summary>
public sealed class JsonLogFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-log-").FullName;

    private string LogPath => Path.Combine(_folder, "server.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Entries_of_a_full_disk_are_counted_and_those_after_it_are_written()
    {
        File.CreateSymbolicLink(LogPath, "/dev/full");
        var clock = new FakeTimeProvider();
        using (var file = new JsonLogFile(LogPath, clock))
        {
            var logger = file.CreateLogger("Tested");
            Log(logger, "into nothing");
            await LostAsync(file, 1);
            Log(logger, "too soon to try again");
            await LostAsync(file, 2);
            MakeRoom();
            clock.Advance(TimeSpan.FromSeconds(2));
            Log(logger, "there again");
        }

        var messages = Messages();
        messages.ShouldContain("there again");
        messages.ShouldContain(message => message.StartsWith("2 log entries were not written", StringComparison.Ordinal));
        messages.ShouldNotContain("into nothing");
    }

    [Fact]
    public async Task What_was_lost_is_told_at_the_end_where_nothing_is_logged_after_it()
    {
        File.CreateSymbolicLink(LogPath, "/dev/full");
        using (var file = new JsonLogFile(LogPath, new FakeTimeProvider()))
        {
            Log(file.CreateLogger("Tested"), "into nothing");
            await LostAsync(file, 1);
            MakeRoom();
        }

        Messages().ShouldHaveSingleItem().ShouldStartWith("1 log entries were not written");
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_keeps_nobody_from_stopping()
    {
        Directory.CreateDirectory(LogPath);
        var file = new JsonLogFile(LogPath, new FakeTimeProvider());
        Log(file.CreateLogger("Tested"), "into a folder");
        await LostAsync(file, 1);

        Should.NotThrow(file.Dispose);
    }

    [Fact]
    public void Half_a_line_does_not_spoil_the_next_one()
    {
        File.WriteAllText(LogPath, "{\"message\":\"cut o");
        using (var file = new JsonLogFile(LogPath, new FakeTimeProvider())) Log(file.CreateLogger("Tested"), "whole");

        File.ReadAllLines(LogPath).Length.ShouldBe(2);
        JsonElement.Parse(File.ReadAllLines(LogPath)[1]).GetProperty("message").GetString().ShouldBe("whole");
    }

    private static void Log(ILogger logger, string message) =>
        logger.Log(LogLevel.Warning, new EventId(1), message, null, (text, _) => text);

    private static Task LostAsync(JsonLogFile file, long count) => Eventually.TrueAsync(
        () => Task.FromResult(file.Lost == count), TimeSpan.FromSeconds(30), () => $"{file.Lost} entries are lost, not {count}.");

    private void MakeRoom()
    {
        var real = Path.Combine(_folder, "real");
        File.WriteAllText(real, "");
        File.Move(real, LogPath, overwrite: true);
    }

    private string[] Messages() => [.. File.ReadAllLines(LogPath).Select(line => JsonElement.Parse(line).GetProperty("message").GetString()!)];
}
