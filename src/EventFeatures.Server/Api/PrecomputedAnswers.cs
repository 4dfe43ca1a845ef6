using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices.Precomputed;
using EventFeatures.Core.FeatureViews;
using Google.Protobuf;

namespace EventFeatures.Server.Api;

/// <summary>Answers reads with vectors that were computed before. Their features are encoded once, however often they are read.</summary>
internal sealed class PrecomputedAnswers(IOnlineViews views)
{
    /// <param name="vector">The vector.</param>
    /// <param name="lookup">What found it.</param>
    /// <param name="isEncoded">Whether the answer is sent as protobuf; else it is written field by field.</param>
    public GetFeaturesResponse ToMessage(PrecomputedVector vector, VectorLookup lookup, bool isEncoded)
    {
        var kept = vector.Encoded as Kept;
        if (kept is null) vector.Encoded = kept = Kept.Of(vector);
        var message = isEncoded ? EncodedFields.ToAnswer(kept.Features) : GetFeaturesResponse.Parser.ParseFrom(kept.Features.ToByteArray());
        message.AsOf = kept.AsOf;
        message.Precomputed = new Precomputed { AgeSeconds = lookup.Age.TotalSeconds, MaxStalenessSeconds = lookup.MaxStaleness.TotalSeconds };
        foreach (var view in vector.Answer.Views)
        {
            var backlog = views.BacklogOf(view.View, view.EntityKey);
            message.Views.Add((view with { Gap = backlog?.Gap ?? 0, Lag = backlog?.Lag ?? TimeSpan.Zero }).ToMessage());
        }
        return message;
    }

    private sealed record Kept(string AsOf, EncodedFeatures Features)
    {
        public static Kept Of(PrecomputedVector vector)
        {
            var features = new GetFeaturesResponse { Features = { vector.Answer.Features.ToMessages(vector.AsOf) } };
            return new Kept(vector.AsOf.ToString(), EncodedFields.Of(features));
        }
    }
}
