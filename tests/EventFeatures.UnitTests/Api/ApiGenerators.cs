using CsCheck;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FeatureStatus = EventFeatures.Core.FeatureViews.FeatureStatus;
using Value = EventFeatures.Core.Values.Value;

namespace EventFeatures.UnitTests.Api;

/// <summary>Answers of reads, with every kind of value.</summary>
internal static class ApiGenerators
{
    // Longer than what one byte of length tells, too, and not all of one byte each.
    private static readonly Gen<string> Texts = Gen.OneOf(Gen.String[Gen.Char['a', 'z'], 0, 40], Gen.String[Gen.Char['à', 'ż'], 0, 200], Gen.Const("🂡"));
    public static readonly Gen<Instant> Instants = Gen.Long[0, 4_000_000_000_000_000].Select(microseconds => new Instant(microseconds));
    private static readonly Gen<FeatureStatus> Statuses = Gen.Int[0, 4].Select(status => (FeatureStatus)status);
    private static readonly Gen<Position> Positions = Gen.ULong.Select(position => new Position(position));

    private static readonly Gen<Value> Scalars = Gen.OneOf(
        Gen.Const(Value.Null), Gen.Long.Select(Value.Of), Gen.Double.Select(Value.Of), Gen.Const(Value.Of(-0.0)), Gen.Const(Value.Of(0L)), Gen.Decimal.Select(Value.Of), Gen.Bool.Select(Value.Of),
        Texts.Select(Value.Of), Instants.Select(Value.Of), Gen.Int[0, 3_000_000].Select(day => Value.Of(DateOnly.FromDayNumber(day))));

    private static readonly Gen<Value> Values = Gen.OneOf(
        Scalars, Scalars.List[0, 4].Select(elements => Value.Of((IReadOnlyList<Value>)elements)),
        Gen.Dictionary(Texts, Scalars)[0, 3].Select(members => Value.Of((IReadOnlyDictionary<string, Value>)new SortedDictionary<string, Value>(members, StringComparer.Ordinal))));

    private static readonly Gen<ServiceValue> Features = Gen.Select(
        Gen.String[Gen.Char['a', 'z'], 1, 150], Values, Statuses, Gen.OneOf(Instants.Select(instant => (Instant?)instant), Gen.Const((Instant?)null)), Gen.Bool,
        (name, value, status, occurredAt, defaulted) => new ServiceValue(name, value, status, occurredAt, defaulted));

    private static readonly Gen<ViewAnswer> Views = Gen.Select(
        Texts, Texts, Positions, Gen.Long, (name, key, knownAt, gap) => new ViewAnswer(new ViewReference(name, 1), name, key, knownAt, gap, TimeSpan.FromTicks(gap)));

    public static readonly Gen<FeatureBatchVector> Rows = Gen.Select(Features.List[0, 20], Texts.List[0, 3], Positions, (values, keys, knownAt) =>
        new FeatureBatchVector(values, [.. keys.Select(key => new ViewUse(new ViewReference("view", 1), "digest", "contract", "card", key, knownAt))]));

    public static readonly Gen<FeaturesAnswer> Answers = Gen.Select(
        Instants, Features.List[0, 20], Views.List[0, 3], (asOf, features, views) => new FeaturesAnswer(asOf, features, views, []));
}
