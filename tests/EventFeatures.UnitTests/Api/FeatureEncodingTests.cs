using CsCheck;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Server.Api;
using EventFeatures.Server.Api.Encoded;
using Google.Protobuf;
using Shouldly;
using Xunit;
using FeatureStatus = EventFeatures.Core.FeatureViews.FeatureStatus;
using Value = EventFeatures.Core.Values.Value;
using ViewStatus = EventFeatures.Core.FeatureViews.ViewStatus;

namespace EventFeatures.UnitTests.Api;

/// <summary>What is encoded without messages is what their generated code writes, to the byte.</summary>
public sealed class FeatureEncodingTests
{
    // Longer than what one byte of length tells, too, and not all of one byte each.
    private static readonly Gen<string> Texts = Gen.OneOf(Gen.String[Gen.Char['a', 'z'], 0, 40], Gen.String[Gen.Char['à', 'ż'], 0, 200], Gen.Const("🂡"));
    private static readonly Gen<Instant> Instants = Gen.Long[0, 4_000_000_000_000_000].Select(microseconds => new Instant(microseconds));
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

    private static readonly Gen<FeatureBatchVector> Rows = Gen.Select(Features.List[0, 20], Texts.List[0, 3], Positions, (values, keys, knownAt) =>
        new FeatureBatchVector(values, [.. keys.Select(key => new ViewUse(new ViewReference("view", 1), "digest", "contract", "card", key, knownAt))]));

    [Fact]
    public void An_answer() => Gen.Select(Instants, Features.List[0, 20], Views.List[0, 3], (asOf, features, views) => new FeaturesAnswer(asOf, features, views)).Sample(
        answer => Written(FeatureEncoding.Encode(answer)).ShouldBe(answer.ToMessage().ToByteArray()), iter: 200);

    [Fact]
    public void An_answer_of_features_that_were_encoded_before()
    {
        var precomputed = new Precomputed { AgeSeconds = 1.5, MaxStalenessSeconds = 60 };
        Gen.Select(Instants, Features.List[0, 20], Views.List[0, 3], (asOf, features, views) => new FeaturesAnswer(asOf, features, views)).Sample(answer =>
        {
            var message = answer.ToMessage();
            message.Precomputed = precomputed;
            var before = Written(FeatureEncoding.Features(answer.AsOf, answer.Features, more: 0));
            Written(FeatureEncoding.Encode(before, answer.Views, precomputed)).ShouldBe(message.ToByteArray());
        }, iter: 50);
    }

    [Fact]
    public void An_answer_for_many_rows() => Gen.Select(Instants, Rows.List[1, 8], (asOf, rows) => new FeatureBatchAnswer(
        asOf, Names(rows), rows, [.. rows[0].Views.Select(view => new ViewStatus(view.View, "live", null, 3, TimeSpan.FromSeconds(1), 1, 1, 0, 0, null))])).Sample(
        answer => Written(FeatureEncoding.Encode(answer)).ShouldBe(answer.ToMessage().ToByteArray()), iter: 200);

    private static IReadOnlyList<string> Names(IReadOnlyList<FeatureBatchVector> rows) =>
        [.. Enumerable.Range(0, rows.Max(row => row.Values.Count)).Select(feature => "feature-" + feature)];

    private static byte[] Written(EncodedAnswer encoded) => encoded.Written.ToArray();
}
