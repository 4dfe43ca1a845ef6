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
    public static string? TryRead(StreamIdentifier? identifier) => identifier is null ? null : TryRead(identifier.StreamName.Span);

    /// <summary>The same of the bytes themselves.</summary>
    public static string? TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
