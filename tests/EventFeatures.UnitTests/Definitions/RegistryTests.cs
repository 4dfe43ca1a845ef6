using System.Text;
using EventFeatures.Application.Definitions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Testing.Events;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class RegistryTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_registry_that_starts_late_knows_what_one_that_was_there_knows()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.All);
        await bench.ApplyAsync(Yaml.View.With("version: 1", "version: 2"));

        await using var late = new Registry(bench.Log, TimeProvider.System);
        await late.StartAsync().WaitAsync(Deadline);

        late.Current.Position.ShouldBe(bench.Log.Events[^1].Position);
        late.Current.History.Select(one => one.Digest).ShouldBe(bench.Registry.Current.History.Select(one => one.Digest));
        late.Current.StreamRevisions.ShouldBe(bench.Registry.Current.StreamRevisions, ignoreOrder: true);
        late.Current.Views.Keys.ShouldBe(bench.Registry.Current.Views.Keys, ignoreOrder: true);
        late.Current.Services.Keys.ShouldBe(["fraud@v1"]);
    }

    [Fact]
    public async Task Two_registries_over_one_log_agree_after_an_apply_through_either()
    {
        await using var one = await DefinitionBench.StartAsync();
        await using var other = await DefinitionBench.StartAsync(one.Log);
        var applied = await one.ApplyAsync(Yaml.Contract, Yaml.Entity);
        await other.Registry.SeenAsync(applied.Position!.Value, Deadline);
        (await other.ApplyAsync(Yaml.View)).Position.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_change_wakes_who_waits_for_it()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var changed = bench.Registry.ChangedAsync(bench.Registry.Current);
        changed.IsCompleted.ShouldBeFalse();
        await bench.ApplyAsync(Yaml.Entity);
        await changed.WaitAsync(Deadline);
    }

    [Theory]
    [InlineData("DefinitionApplied", "not json", "cannot be read")]
    [InlineData("DefinitionApplied", """{"kind":"Entity"}""", "missing required properties")]
    [InlineData("EntityRenamed", "{}", "its type 'EntityRenamed' is none of this version's")]
    [InlineData("DefinitionApplied", """{"kind":"Entity","name":"card","version":"1","digest":"00","definition":{"apiVersion":"eventfeatures/v1","kind":"Entity","name":"card","keys":[{"name":"card"}]},"pins":{},"by":"x","why":""}""", "but the event says 00")]
    [InlineData("DefinitionApplied", """{"kind":"Entity","name":"card","version":"1","digest":"00","definition":{"kind":"Entity"},"pins":{},"by":"x","why":""}""", "key-missing")]
    public async Task An_event_that_cannot_be_read_stops_the_registry_there_by_name(string type, string data, string reason)
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Contract);
        var before = bench.Registry.Current;

        var poison = await bench.Log.AppendToStreamAsync("entity-card", StreamState.Any, [new EventData(Guid.NewGuid(), type, Encoding.UTF8.GetBytes(data))]);

        var stopped = await Should.ThrowAsync<RegistryStoppedException>(() => bench.Registry.SeenAsync(poison.Position, Deadline));
        stopped.Message.ShouldContain($"stopped at position {poison.Position}");
        stopped.Message.ShouldContain("revision 0 of 'entity-card'");
        stopped.Message.ShouldContain(reason);
        bench.Registry.Fault.ShouldBe(stopped.Message);
        bench.Registry.Current.ShouldBeSameAs(before);
        await Should.ThrowAsync<RegistryStoppedException>(() => bench.PlanAsync(Yaml.Entity));
    }

    [Fact]
    public async Task A_registry_over_a_poisoned_log_does_not_start()
    {
        var log = new InMemoryLog();
        await log.AppendToStreamAsync("model-x", StreamState.Any, [new EventData(Guid.NewGuid(), "Odd", "{}"u8.ToArray())]);
        await using var registry = new Registry(log, TimeProvider.System);
        await Should.ThrowAsync<RegistryStoppedException>(() => registry.StartAsync().WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_position_that_does_not_come_is_a_timeout_that_says_what_was_seen()
    {
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Yaml.Entity);
        (await Should.ThrowAsync<TimeoutException>(() => bench.Registry.SeenAsync(new Position(99), TimeSpan.FromMilliseconds(20)))).Message.ShouldContain("but not 99 within 0.02 s");
    }

    [Fact]
    public async Task A_log_that_comes_back_is_followed_on()
    {
        var log = new InMemoryLog { Fault = new LogUnavailableException("The log is away.") };
        var time = new FakeTimeProvider();
        await using var registry = new Registry(log, time);
        var start = registry.StartAsync();
        // Long enough for several tries, and too short for giving up.
        await PassTimeUntil(time, () => time.GetUtcNow() >= time.Start + TimeSpan.FromSeconds(5));
        log.Fault = null;
        await PassTimeUntil(time, () => start.IsCompleted);
        await start;
        registry.Fault.ShouldBeNull();
    }

    [Fact]
    public async Task A_log_that_stays_away_is_given_up_within_a_bound_and_said()
    {
        var log = new InMemoryLog { Fault = new LogUnavailableException("The log is away.") };
        var time = new FakeTimeProvider();
        await using var registry = new Registry(log, time);
        var start = registry.StartAsync();
        await PassTimeUntil(time, () => start.IsCompleted);
        (await Should.ThrowAsync<RegistryStoppedException>(() => start)).Message.ShouldBe("The registry stopped: The log is away.");
        registry.Fault.ShouldBe("The registry stopped: The log is away.");
    }

    [Fact]
    public async Task A_log_that_is_looked_for_long_at_each_try_is_given_up_after_few_tries()
    {
        var time = new FakeTimeProvider();
        var log = new AwayLog(new InMemoryLog(), time, looksFor: TimeSpan.FromSeconds(16));
        await using var registry = new Registry(log, time);
        var start = registry.StartAsync();
        await PassTimeUntil(time, () => start.IsCompleted);

        (await Should.ThrowAsync<RegistryStoppedException>(() => start)).Message.ShouldBe("The registry stopped: No node was found.");
        log.Looked.ShouldBeInRange(1, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_that_was_away_for_hours_is_followed_on_once_it_is_back(bool isDenied)
    {
        var log = new InMemoryLog();
        var time = new FakeTimeProvider();
        await using var registry = new Registry(log, time);
        await registry.StartAsync();
        var waiting = registry.ChangedAsync(registry.Current);

        log.Fault = isDenied ? new LogAccessDeniedException("No such user.") : new LogUnavailableException("The log is away.");
        await PassTimeUntil(time, () => registry.Fault is not null);
        registry.Fault.ShouldBe($"The registry has not reached the log for a while: {log.Fault.Message} What it knew stays in force, and it goes on by itself once the log answers.");
        time.Advance(TimeSpan.FromHours(2));
        waiting.IsCompleted.ShouldBeFalse("who waits for a change waits on");
        log.Fault = null;
        await PassTimeUntil(time, () => registry.Fault is null);
        var said = await log.AppendToStreamAsync("entity-card", StreamState.NoStream, [new EventData(Guid.NewGuid(), "EntityDeclared", "{}"u8.ToArray())]);
        await PassTimeUntil(time, () => registry.Fault is not null);
        registry.Fault!.ShouldContain($"position {said.Position}", customMessage: "it reads on");
    }

    [Fact]
    public async Task A_stopped_registry_says_so_to_who_waits()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var waiting = bench.Registry.ChangedAsync(bench.Registry.Current);
        await bench.Registry.StopAsync();
        await Should.ThrowAsync<RegistryStoppedException>(() => waiting.WaitAsync(Deadline));
    }

    private static async Task PassTimeUntil(FakeTimeProvider time, Func<bool> isReached)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!isReached())
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, deadline.Token);
        }
    }
}
