using CsCheck;
using EventFeatures.Api.V1;
using EventFeatures.Server.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

/// <summary>Columns say what a message a feature says.</summary>
public sealed class FeatureColumnTests
{
    [Fact]
    public void Read_back_they_are_the_messages_of_the_same_features() => ApiGenerators.Answers.Sample(answer =>
    {
        var names = answer.Features.Select(feature => feature.Name).ToList();
        var sent = GetFeaturesResponse.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray((answer with { Names = names }).ToColumns(namesDigest: "")));

        sent.Columns.Spell(sent.Columns.Names, answer.AsOf).ShouldBe(answer.ToMessage().Features);
        sent.Columns.Names.ShouldBe(names);
        sent.Views.ShouldBe(answer.ToMessage().Views);
        sent.AsOf.ShouldBe(answer.ToMessage().AsOf);
    }, iter: 100);

    [Fact]
    public void Names_are_left_out_for_whoever_has_their_digest_and_for_nobody_else()
    {
        string[] names = ["card__count", "card__sum"];
        var digest = new FeatureColumns().Named(names, knownDigest: "").NamesDigest;

        new FeatureColumns().Named(names, digest).Names.ShouldBeEmpty();
        new FeatureColumns().Named(["card__sum", "card__count"], digest).Names.ShouldBe(["card__sum", "card__count"]);
        new FeatureColumns().Named(["card__count"], digest).Names.ShouldBe(["card__count"]);
        new FeatureColumns().Named(["card__countcard__sum"], digest).Names.ShouldBe(["card__countcard__sum"]);
    }
}
