using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureServices.Precomputed;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureServices;

public sealed class PrecomputedVectorsTests
{
    private const string Service = """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: ready
        precompute: { max_staleness: 5s }
        features: [ { feature: card_activity__count_1h }, { feature: card_activity__mean_7d } ]
        """;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-01-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly Changes _changes = new();
    private DefinitionBench _bench = null!;

    [Fact]
    public async Task A_vector_is_served_while_it_is_no_older_than_allowed()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench);
        Keep(vectors, "1", knownAt: 7);

        _clock.Advance(TimeSpan.FromSeconds(5));
        var found = vectors.Look(Query("1"))!.Found.ShouldNotBeNull();
        found.AsOf.ToString().ShouldBe("2026-01-01T12:00:00Z");

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        vectors.Look(Query("1"))!.Found.ShouldBeNull("it is older than its service allows");
    }

    [Fact]
    public async Task A_caller_may_allow_less_than_the_service_and_not_more()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench);
        Keep(vectors, "1", knownAt: 7);
        vectors.Look(Query("1") with { MaxStaleness = Duration.Zero })!.Found.ShouldBeNull("zero is to compute it now");
        _clock.Advance(TimeSpan.FromSeconds(2));
        vectors.Look(Query("1") with { MaxStaleness = Duration.Parse("1s") })!.Found.ShouldBeNull();
        vectors.Look(Query("1") with { MaxStaleness = Duration.Parse("2s") })!.Found.ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromSeconds(4));
        vectors.Look(Query("1") with { MaxStaleness = Duration.Parse("1h") })!.Found.ShouldBeNull();
    }

    [Fact]
    public async Task A_vector_that_may_not_know_of_a_position_is_not_served_to_who_asks_for_it()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench);
        Keep(vectors, "1", knownAt: 7);
        vectors.Look(Query("1") with { MinPosition = new Position(7) })!.Found.ShouldNotBeNull();
        vectors.Look(Query("1") with { MinPosition = new Position(8) })!.Found.ShouldBeNull();
    }

    [Fact]
    public async Task A_later_row_or_an_entity_that_is_elsewhere_is_computed_anew()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench);
        Keep(vectors, "1", knownAt: 7);
        _changes.Last = new Position(8);
        vectors.Look(Query("1"))!.Found.ShouldBeNull("a later row is visible");
        _changes.Last = null;
        vectors.Look(Query("1"))!.Found.ShouldBeNull("it cannot be told here whether there is a later row");
        _changes.Last = new Position(7);
        vectors.Look(Query("1"))!.Found.ShouldNotBeNull();
        vectors.Look(Query("2"))!.Found.ShouldBeNull();
    }

    [Fact]
    public async Task A_vector_of_other_definitions_is_not_served()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench);
        Keep(vectors, "1", knownAt: 7);
        await bench.ApplyAsync(Service.With("name: ready", "name: other"));
        vectors.Look(Query("1"))!.Found.ShouldNotBeNull("the registry changed, but none of its own definitions did");

        await bench.ApplyAsync(Yaml.Contract.With("1.0.0", "1.1.0").With("{ name: country,", "{ name: till, logicalType: string }\n      - { name: country,"));
        vectors.Look(Query("1"))!.Found.ShouldBeNull("the contract that its view reads has a new minor version");
    }

    [Theory]
    [MemberData(nameof(OthersReads))]
    public async Task Reads_that_state_their_own_time_or_are_of_other_services_are_none_of_its_business(GetFeatures query)
    {
        await using var bench = await StartAsync();
        Vectors(bench).Look(query).ShouldBeNull();
    }

    public static TheoryData<GetFeatures> OthersReads => new()
    {
        Query("1") with { AsOf = Instant.Parse("2026-01-01T12:00:00Z") },
        Query("1") with { KnownAt = new Position(7) },
        Query("1") with { Service = "fraud@v1" },
        Query("1") with { Service = null, Views = ["card_activity"] },
    };

    [Fact]
    public async Task Memory_is_bounded_and_the_oldest_leave_first()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench, new PrecomputeOptions { ValuesMax = 10 });
        for (var card = 0; card < 9; card++)
        {
            Keep(vectors, card.ToString(System.Globalization.CultureInfo.InvariantCulture), knownAt: 7);
            // Again and again one and the same takes no more room.
            Keep(vectors, "0", knownAt: 7);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        (vectors.Count, vectors.Values).ShouldBe((5, 10L));
        vectors.Look(Query("0"))!.Found.ShouldNotBeNull("it was computed last");
        vectors.Look(Query("4"))!.Found.ShouldBeNull();
        vectors.Look(Query("5"))!.Found.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_change_during_the_computation_leaves_a_vector_that_is_never_served()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench);
        var lookup = vectors.Look(Query("1"))!;
        _changes.Last = new Position(8);
        lookup.Keep(Answer("1", new Position(8)));
        vectors.Look(Query("1"))!.Found.ShouldBeNull("which rows it was computed of is not known");
    }

    [Fact]
    public async Task What_was_computed_by_a_definition_that_was_applied_meanwhile_is_not_kept_under_the_one_before()
    {
        await using var bench = await StartAsync();
        var vectors = Vectors(bench);
        var lookup = vectors.Look(Query("1") with { Service = "ready" })!;
        await bench.ApplyAsync(Service.With("name: ready", "name: ready\nversion: 2").With("{ feature: card_activity__count_1h }, ", ""));
        lookup.Keep(Answer("1", new Position(7), "ready"));
        vectors.Look(Query("1"))!.Found.ShouldBeNull("the second version gave it");
        vectors.Look(Query("1") with { Service = "ready" })!.Found.ShouldBeNull();
    }

    private async Task<DefinitionBench> StartAsync()
    {
        _bench = await DefinitionBench.StartAsync();
        await _bench.ApplyAsync([.. Yaml.All, Service]);
        return _bench;
    }

    private PrecomputedVectors Vectors(DefinitionBench bench, PrecomputeOptions? options = null) => new(bench.Registry, _changes, options ?? new PrecomputeOptions(), _clock);

    private static GetFeatures Query(string card) => new(new Dictionary<string, string> { ["card"] = card }) { Service = "ready@v1" };

    private void Keep(PrecomputedVectors vectors, string card, ulong knownAt) => vectors.Look(Query(card))!.Keep(Answer(card, new Position(knownAt)));

    private FeaturesAnswer Answer(string card, Position knownAt, string service = "ready@v1") => new(
        Instant.FromDateTimeOffset(_clock.GetUtcNow()),
        [new ServiceValue("a", Value.Of(1L), FeatureStatus.Present, null, false), new ServiceValue("b", Value.Null, FeatureStatus.Null, null, false)],
        [new ViewAnswer(new ViewReference("card_activity", 1), "", card, knownAt, 0, TimeSpan.Zero)],
        ServiceCatalog.Find(_bench.Registry.Current, service).InputNames);

    private sealed class Changes : IViewChanges
    {
        public event Action<ViewChange>? Changed
        {
            add { }
            remove { }
        }

        public Position? Last { get; set; } = new Position(7);

        public Position? LastPositionOf(ViewReference view, string entityKey) => Last;
    }
}
