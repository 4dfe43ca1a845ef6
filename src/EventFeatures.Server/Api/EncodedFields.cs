using System.Runtime.CompilerServices;
using EventFeatures.Api.V1;
using Google.Protobuf;

namespace EventFeatures.Server.Api;

/// <summary>
/// Fields of an answer that are encoded once and sent many times. What a message's parser does not know it keeps as bytes,
/// field by field, and writes as it came; so a message without fields takes them in, and an answer writes them.
/// </summary>
internal static class EncodedFields
{
    /// <summary>The fields of an answer as they are encoded.</summary>
    public static EncodedFeatures Of(GetFeaturesResponse answer) => EncodedFeatures.Parser.ParseFrom(answer.ToByteArray());

    /// <summary>An answer that sends such fields. It cannot be read here, nor written as JSON: its own lists of them are empty.</summary>
    public static GetFeaturesResponse ToAnswer(EncodedFeatures fields)
    {
        var answer = new GetFeaturesResponse();
        // Never changed afterwards: nobody parses into an answer that is sent.
        Unknown(answer) = Unknown(fields);
        return answer;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_unknownFields")]
    private static extern ref UnknownFieldSet Unknown(GetFeaturesResponse message);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_unknownFields")]
    private static extern ref UnknownFieldSet Unknown(EncodedFeatures message);
}
