using CsCheck;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Server.Api;
using EventFeatures.Server.Api.Encoded;
using Google.Protobuf;
using Shouldly;
using Xunit;
using ViewStatus = EventFeatures.Core.FeatureViews.ViewStatus;

namespace EventFeatures.UnitTests.Api;

/// <summary>What is encoded without messages is what their generated code writes, to the byte.</summary>
public sealed class FeatureEncodingTests
{
    [Fact]
    public void An_answer() => ApiGenerators.Answers.Sample(
        answer => Written(FeatureEncoding.Encode(answer)).ShouldBe(answer.ToMessage().ToByteArray()), iter: 200);

    [Fact]
    public void An_answer_of_features_that_were_encoded_before()
    {
        var precomputed = new Precomputed { AgeSeconds = 1.5, MaxStalenessSeconds = 60 };
        ApiGenerators.Answers.Sample(answer =>
        {
            var message = answer.ToMessage();
            message.Precomputed = precomputed;
            var before = Written(FeatureEncoding.Features(answer.AsOf, answer.Features, more: 0));
            Written(FeatureEncoding.Encode(before, answer.Views, precomputed)).ShouldBe(message.ToByteArray());
        }, iter: 50);
    }

    [Fact]
    public void An_answer_for_many_rows() => Gen.Select(ApiGenerators.Instants, ApiGenerators.Rows.List[1, 8], (asOf, rows) => new FeatureBatchAnswer(
        asOf, Names(rows), rows, [.. rows[0].Views.Select(view => new ViewStatus(view.View, "live", null, 3, TimeSpan.FromSeconds(1), 1, 1, 0, 0, null))])).Sample(
        answer => Written(FeatureEncoding.Encode(answer)).ShouldBe(answer.ToMessage().ToByteArray()), iter: 200);

    private static IReadOnlyList<string> Names(IReadOnlyList<FeatureBatchVector> rows) =>
        [.. Enumerable.Range(0, rows.Max(row => row.Values.Count)).Select(feature => "feature-" + feature)];

    private static byte[] Written(EncodedAnswer encoded) => encoded.Written.ToArray();
}
