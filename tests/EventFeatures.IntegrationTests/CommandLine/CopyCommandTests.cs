using System.Globalization;
using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

/// <summary>A log that is copied, compared and asked for positions from the command line.</summary>
public sealed class CopyCommandTests : IAsyncLifetime
{
    private const string Variable = "EVENTFEATURES_COPY_TO";

    // Whoever runs the tests may have set it, and a copy without --to would go there.
    private readonly string? _copyTo = Environment.GetEnvironmentVariable(Variable);

    private RunningSystem _source = null!;
    private TestDatabase _database = null!;
    private EmbeddedNode _target = null!;

    public async Task InitializeAsync()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _source = await RunningSystem.StartAsync();
        _database = await TestDatabase.CreateAsync();
        _target = await EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = _database.ConnectionString });
        await _source.Log.AppendToStreamAsync("other-1", StreamState.NoStream, [.. Enumerable.Range(0, 30).Select(_ => new EventData(Guid.NewGuid(), "Tested", "{}"u8.ToArray()))]);
    }

    public async Task DisposeAsync()
    {
        Environment.SetEnvironmentVariable(Variable, _copyTo);
        await _target.DisposeAsync();
        await _database.DisposeAsync();
        await _source.DisposeAsync();
    }

    [Fact]
    public async Task A_person_copies_the_log_compares_it_and_asks_where_a_position_went()
    {
        (await RunAsync(1, "log", "copy", "--to", _target.ConnectionString, "--verify")).Errors.ShouldContain("Copy first, without --verify.");
        var first = await RunAsync(0, "log", "copy", "--to", _target.ConnectionString, "--reason", "a test");
        first.Output.ShouldContain("copied    30 events, through position 30");
        first.Output.ShouldContain("map       positionmap-");
        first.Output.ShouldNotContain("skipped");
        (await RunAsync(0, "log", "copy", "--to", _target.ConnectionString, "--verify")).Output.ShouldContain("verified  30 events, through position 30");
        JsonElement.Parse((await RunAsync(0, "log", "copy", "--to", _target.ConnectionString, "--json")).Output).GetProperty("events").GetString().ShouldBe("0");

        (await RunAsync(1, "log", "position", "17")).Errors.ShouldContain("No log was copied into this one");
        await using var moved = await RunningSystem.StartAsync(options => options with { Log = _target.ConnectionString });
        var there = await CommandRun.Of("log", "position", "17", "--server", moved.Host.ApiAddress);

        there.ExitCode.ShouldBe(0, there.ToString());
        await using var log = EventStoreLog.Connect(_target.ConnectionString);
        (await log.ReadAllAsync(ReadDirection.Forwards, new Position(ulong.Parse(there.Output, CultureInfo.InvariantCulture)), countMax: 1).SingleAsync()).Revision.ShouldBe(16);
    }

    [Fact]
    public async Task What_cannot_be_done_says_what_to_do()
    {
        (await RunAsync(1, "log", "copy", "--to", _source.Host.LogConnectionString)).Errors.ShouldContain("this very log, or a backup of it. Name another one.");
        (await RunAsync(1, "log", "copy", "--to", "postgres://somewhere")).Errors.ShouldContain("The target's connection string cannot be read");
        (await RunAsync(1, "log", "copy", "--to", "esdb://somewhere?tlsCaFile=missing.pem", "--json")).Errors
            .ShouldContain("\"copy-refused\",\"message\":\"The target's connection string cannot be read: tlsCaFile=missing.pem cannot be used");
        (await RunAsync(2, "log", "copy")).Errors.ShouldContain("--to");
        (await RunAsync(2, "log", "position", "-5")).Errors.ShouldContain("A position is 0 or more.");
        await _target.DisposeAsync();
        (await RunAsync(3, "log", "copy", "--to", _target.ConnectionString)).Errors.ShouldContain("run the command again, and it copies on");
    }

    [Fact]
    public async Task The_target_is_read_from_the_environment_where_other_accounts_cannot_see_it()
    {
        (await RunAsync(2, "log", "copy")).Errors.ShouldContain($"Neither --to nor ${Variable}");
        Environment.SetEnvironmentVariable(Variable, _target.ConnectionString);
        (await RunAsync(0, "log", "copy")).Output.ShouldContain("copied    30 events");
    }

    private async Task<CommandRun> RunAsync(int exitCode, params string[] command)
    {
        var run = await CommandRun.Of([.. command, "--server", _source.Host.ApiAddress]);
        run.ExitCode.ShouldBe(exitCode, run.ToString());
        return run;
    }
}
