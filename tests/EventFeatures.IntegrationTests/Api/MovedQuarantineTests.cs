using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Systems;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>Events that a view refused, whose log was copied elsewhere and whose views were built anew there.</summary>
public sealed class MovedQuarantineTests : IAsyncLifetime
{
    private readonly Moves _moves = new();
    private RunningSystem _first = null!;

    public async Task InitializeAsync()
    {
        _first = await _moves.StartAsync();
        await _first.Registry.ApplyAsync(new ApplyRequest { Files = { new DefinitionFile { Path = "payments.yaml", Content = PaymentsSystem.Definitions } }, Actor = "tests", Reason = "to be tested" });
    }

    public async Task DisposeAsync() => await _moves.DisposeAsync();

    [Fact]
    public async Task An_event_is_kept_aside_once_however_often_its_log_moves()
    {
        var refused = new List<Guid> { await RefusedAsync(_first) };
        (await KeptAsync(_first)).ShouldBe(refused);

        var second = await _moves.MoveAsync(_first);
        refused.Add(await RefusedAsync(second));
        (await KeptAsync(second)).ShouldBe(refused, "the views there refused the first again");

        var third = await _moves.MoveAsync(second);
        refused.Add(await RefusedAsync(third));
        (await KeptAsync(third)).ShouldBe(refused);
    }

    // Straight to the log, as any client may; every view has committed it, and all before it, when this returns.
    private static async Task<Guid> RefusedAsync(RunningSystem system)
    {
        var id = Guid.NewGuid();
        var appended = await system.Log.AppendToStreamAsync("card-q", StreamState.Any, [new EventData(id, "PaymentAuthorised", "{}"u8.ToArray())]);
        await system.Host.Services.GetRequiredService<IBatchViews>().ReadEntityAsync(new ViewReference("card_activity", 1), "q", appended.Position);
        return id;
    }

    private static async Task<List<Guid>> KeptAsync(RunningSystem system) =>
        await system.Log.ReadStreamAsync("quarantine-payments.authorisation").Select(recorded => QuarantinedEvent.FromJson(recorded.Data).EventId).ToListAsync();
}
