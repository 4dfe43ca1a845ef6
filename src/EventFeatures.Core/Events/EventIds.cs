using System.Security.Cryptography;
using System.Text;

namespace EventFeatures.Core.Events;

/// <summary>Event ids that follow from what the event says, so that saying it twice is one event.</summary>
public static class EventIds
{
    /// <summary>
    /// The id that belongs to these parts: the first 16 bytes of their SHA-256, marked as a version 8 UUID.
    /// The same parts give the same id on every machine; parts are told apart, so ("a", "bc") is not ("ab", "c").
    /// </summary>
    public static Guid Derive(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes((long)bytes.Length));
            hash.AppendData(bytes);
        }
        var id = hash.GetHashAndReset().AsSpan(0, 16);
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
