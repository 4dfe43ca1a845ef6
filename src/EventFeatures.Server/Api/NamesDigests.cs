using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace EventFeatures.Server.Api;

/// <summary>
/// By what a caller tells whether the features' names and their order are still those that it knows. Made once for each
/// compiled service, whose list of names is the same object in every answer.
/// </summary>
internal static class NamesDigests
{
    private const int Bytes = 8;

    private static readonly ConditionalWeakTable<IReadOnlyList<string>, string> Known = [];

    /// <summary>The digest: 16 hexadecimal digits of the names' SHA-256, each name ended by a line's end, which none holds.</summary>
    public static string Of(IReadOnlyList<string> names) => Known.GetValue(names, static all =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(all.Select(name => name + '\n'))))[..Bytes]));
}
