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
        if (vector.Encoded is not byte[] features)
            vector.Encoded = features = FeatureEncoding.Features(vector.AsOf, vector.Answer.Features, more: 0).Written.ToArray();
        var views = new ViewAnswer[vector.Answer.Views.Count];
        for (var i = 0; i < views.Length; i++)
        {
            var view = vector.Answer.Views[i];
            var backlog = online.BacklogOf(view.View, view.EntityKey);
            views[i] = view with { Gap = backlog?.Gap ?? 0, Lag = backlog?.Lag ?? TimeSpan.Zero };
        }
        var precomputed = new Precomputed { AgeSeconds = lookup.Age.TotalSeconds, MaxStalenessSeconds = lookup.MaxStaleness.TotalSeconds };
        if (isEncoded) return new GetFeaturesResponse { Encoded = FeatureEncoding.Encode(features, views, precomputed) };
        var message = GetFeaturesResponse.Parser.ParseFrom(features);
        message.Views.Add(views.Select(view => view.ToMessage()));
        message.Precomputed = precomputed;
        return message;
    }
}
