using EventFeatures.Application.Definitions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>Two who plan on the same moment of the registry, and append to different streams.</summary>
public sealed class ConcurrentApplyTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly string Shop = Yaml.Contract.With("payments.authorisation", "shop");
    private static readonly string WithoutCountry = Yaml.Contract.With("1.0.0", "1.1.0").With("      - { name: country, logicalType: string, enum: [FR, NO] }\n", "");
    private static readonly string ViewOfCountry = Yaml.View.With("aggregate: count, window: 1h", "aggregate: count, window: 1h, where: \"country == 'FR'\"");

    [Fact]
    public async Task Of_two_contracts_that_take_one_event_type_the_first_in_the_log_is_in_force()
    {
        await using var race = await Race.StartAsync([Yaml.Contract]);

        var refused = await race.LoseAsync(Shop);

        refused.Code.ShouldBe("definitions-changed-meanwhile");
        refused.Detail.ShouldContain("DataContract shop 1.0.0 was recorded at position 2 but is not in force");
        refused.Detail.ShouldContain("DataContract payments.authorisation/1");
        refused.Detail.ShouldContain("belongs to the contract payments.authorisation/1");
        refused.Detail.ShouldContain("[event-type-taken]");
        await race.AllAgreeAsync();
        race.Loser.Registry.Current.Contracts.Keys.ShouldNotContain("shop/1");
        race.Loser.Registry.Current.NotInForce.ShouldHaveSingleItem().Position.Value.ShouldBe(2ul);
    }

    [Fact]
    public async Task A_corrected_definition_takes_the_place_of_the_one_that_lost()
    {
        await using var race = await Race.StartAsync([Yaml.Contract]);
        await race.LoseAsync(Shop);

        await race.Loser.ApplyAsync(Shop.With("PaymentAuthorised", "OrderPaid"));

        await race.AllAgreeAsync();
        race.Loser.Registry.Current.Contracts.Keys.ShouldContain("shop/1");
    }

    [Fact]
    public async Task A_view_of_a_field_that_was_dropped_meanwhile_is_not_in_force_and_neither_is_what_builds_on_it()
    {
        await using var race = await Race.StartAsync([WithoutCountry], before: [Yaml.Contract, Yaml.Entity]);

        var refused = await race.LoseAsync(ViewOfCountry, Yaml.Service);

        refused.Code.ShouldBe("definitions-changed-meanwhile");
        refused.Detail.ShouldContain("FeatureView card_activity 1 was recorded at position 4 but is not in force");
        refused.Detail.ShouldContain("FeatureService fraud 1 was recorded at position 5 but is not in force");
        await race.AllAgreeAsync();
        race.Loser.Registry.Current.Views.ShouldBeEmpty();
        race.Loser.Registry.Current.Contracts["payments.authorisation/1"].FullVersion.ShouldBe("1.1.0");
    }

    [Fact]
    public async Task A_contract_that_drops_a_field_that_a_view_uses_since_is_not_in_force()
    {
        await using var race = await Race.StartAsync([ViewOfCountry], before: [Yaml.Contract, Yaml.Entity]);

        (await race.LoseAsync(WithoutCountry)).Detail.ShouldContain("[dependent-view-breaks]");

        await race.AllAgreeAsync();
        race.Loser.Registry.Current.Contracts["payments.authorisation/1"].FullVersion.ShouldBe("1.0.0");
        race.Loser.Registry.Current.Views.Keys.ShouldBe([new ViewReference("card_activity", 1)]);
    }

    [Fact]
    public async Task What_lost_can_be_applied_as_it_is_once_nothing_is_in_its_way()
    {
        await using var race = await Race.StartAsync([WithoutCountry], before: [Yaml.Contract, Yaml.Entity, Yaml.View]);
        var second = ViewOfCountry.With("version: 1", "version: 2");
        await race.LoseAsync(second, switchWhenCaughtUp: true);
        race.Loser.Registry.Current.PlannedSwitches.ShouldBeEmpty();

        await race.Loser.ApplyAsync(Yaml.Contract.With("1.0.0", "1.2.0"));
        await race.Loser.SendAsync(Race.Apply([second], switchWhenCaughtUp: true));

        await race.AllAgreeAsync();
        race.Loser.Registry.Current.Views.Keys.ShouldContain(new ViewReference("card_activity", 2));
        race.Loser.Registry.Current.PlannedSwitches["card_activity"].Version.ShouldBe(2);
    }

    private sealed record Race(DefinitionBench Winner, DefinitionBench Loser) : IAsyncDisposable
    {
        /// <summary>The winner appends after the loser has planned and before the loser appends.</summary>
        public static async Task<Race> StartAsync(string[] winning, params string[] before)
        {
            var log = new InMemoryLog();
            var winner = await DefinitionBench.StartAsync(log);
            if (before.Length > 0) await winner.ApplyAsync(before);
            return new Race(winner, await DefinitionBench.StartAsync(log, new OvertakenLog(log, () => winner.ApplyAsync(winning))));
        }

        public static ApplyDefinitions Apply(string[] texts, bool switchWhenCaughtUp = false) =>
            new([.. texts.Select((text, index) => new DefinitionFile($"{index}.yaml", text))]) { By = "grace", SwitchWhenCaughtUp = switchWhenCaughtUp };

        public Task<RefusedException> LoseAsync(params string[] texts) => Should.ThrowAsync<RefusedException>(() => Loser.SendAsync(Apply(texts)));

        public Task<RefusedException> LoseAsync(string text, bool switchWhenCaughtUp) =>
            Should.ThrowAsync<RefusedException>(() => Loser.SendAsync(Apply([text], switchWhenCaughtUp)));

        /// <summary>Both that were there, and one that starts now, follow the log on and know the same.</summary>
        public async Task AllAgreeAsync()
        {
            await using var late = new Registry(Winner.Log, TimeProvider.System);
            await late.StartAsync().WaitAsync(Deadline);
            foreach (var registry in new[] { Winner.Registry, Loser.Registry })
            {
                await registry.SeenAsync(Winner.Log.Events[^1].Position, Deadline);
                registry.Fault.ShouldBeNull();
                registry.Current.History.Select(one => one.Digest).ShouldBe(late.Current.History.Select(one => one.Digest));
                registry.Current.StreamRevisions.ShouldBe(late.Current.StreamRevisions, ignoreOrder: true);
                registry.Current.NotInForce.Select(one => (one.What, one.Position)).ShouldBe(late.Current.NotInForce.Select(one => (one.What, one.Position)));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Loser.DisposeAsync();
            await Winner.DisposeAsync();
        }
    }
}
