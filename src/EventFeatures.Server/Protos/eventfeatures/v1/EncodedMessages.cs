using EventFeatures.Server.Api.Encoded;

namespace EventFeatures.Api.V1;

/// <content>The answer as its bytes, if it was encoded as it was made: then its own fields are empty.</content>
public sealed partial class GetFeaturesResponse
{
    internal EncodedAnswer? Encoded { get; init; }
}

/// <content>The answer as its bytes, if it was encoded as it was made: then its own fields are empty.</content>
public sealed partial class GetFeatureBatchResponse
{
    internal EncodedAnswer? Encoded { get; init; }
}
