using System.Text;
using Google.Protobuf;

namespace EventFeatures.Log.Protocol;

/// <summary>Stream names travel as bytes; here they are UTF-8 text or refused.</summary>
internal static class StreamNames
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The identifier message of a name.</summary>
    public static StreamIdentifier ToIdentifier(string stream) =>
        new() { StreamName = ByteString.CopyFrom(stream, Strict) };

    /// <summary>The name, or <see langword="null"/> when the bytes are not UTF-8.</summary>
    public static string? TryRead(StreamIdentifier? identifier)
    {
        if (identifier is null) return null;
        try
        {
            return Strict.GetString(identifier.StreamName.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
