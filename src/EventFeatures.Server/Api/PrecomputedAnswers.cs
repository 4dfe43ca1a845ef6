using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureServices.Precomputed;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Server.Api.Encoded;

namespace EventFeatures.Server.Api;

/// <summary>Answers reads with vectors that were computed before. Their features are encoded once, however often they are read.</summary>
internal sealed class PrecomputedAnswers(IOnlineViews online)
{
    /// <param name="vector">The vector.</param>
    /// <param name="lookup">What found it.</param>
    /// <param name="isEncoded">Whether the answer is sent as protobuf; else it is written field by field.</param>
    public GetFeaturesResponse ToMessage(PrecomputedVector vector, VectorLookup lookup, bool isEncoded)
    {
        var features = FormsOf(vector).Features ??= FeatureEncoding.Features(vector.AsOf, vector.Answer.Features, more: 0).Written.ToArray();
        if (isEncoded) return new GetFeaturesResponse { Encoded = FeatureEncoding.Encode(features, ViewsOf(vector), PrecomputedOf(lookup)) };
        var message = GetFeaturesResponse.Parser.ParseFrom(features);
        message.Views.Add(ViewsOf(vector).Select(view => view.ToMessage()));
        message.Precomputed = PrecomputedOf(lookup);
        return message;
    }

    /// <param name="vector">The vector.</param>
    /// <param name="lookup">What found it.</param>
    /// <param name="namesDigest">The digest of the names that the caller knows; empty when it knows none.</param>
    /// <param name="isEncoded">Whether the answer is sent as protobuf; else it is written field by field.</param>
    public GetFeaturesResponse ToColumns(PrecomputedVector vector, VectorLookup lookup, string namesDigest, bool isEncoded)
    {
        var names = vector.Answer.Names;
        if (isEncoded && namesDigest == NamesDigests.Of(names))
        {
            var columns = FormsOf(vector).Columns ??= FeatureEncoding.Columns(vector.AsOf, vector.Answer.Features.ToColumns().Named(names, namesDigest)).Written.ToArray();
            return new GetFeaturesResponse { Encoded = FeatureEncoding.Encode(columns, ViewsOf(vector), PrecomputedOf(lookup)) };
        }
        // Who does not know the names asks once.
        var message = (vector.Answer with { Views = ViewsOf(vector) }).ToColumns(namesDigest);
        message.Precomputed = PrecomputedOf(lookup);
        return message;
    }

    private static Forms FormsOf(PrecomputedVector vector) => (Forms)(vector.Encoded ??= new Forms());

    private static Precomputed PrecomputedOf(VectorLookup lookup) =>
        new() { AgeSeconds = lookup.Age.TotalSeconds, MaxStalenessSeconds = lookup.MaxStaleness.TotalSeconds };

    private ViewAnswer[] ViewsOf(PrecomputedVector vector)
    {
        var views = new ViewAnswer[vector.Answer.Views.Count];
        for (var i = 0; i < views.Length; i++)
        {
            var view = vector.Answer.Views[i];
            var backlog = online.BacklogOf(view.View, view.EntityKey);
            views[i] = view with { Gap = backlog?.Gap ?? 0, Lag = backlog?.Lag ?? TimeSpan.Zero };
        }
        return views;
    }

    // What is the same in every answer of a vector, in the forms in which it was asked for.
    private sealed class Forms
    {
        public byte[]? Features { get; set; }

        public byte[]? Columns { get; set; }
    }
}
