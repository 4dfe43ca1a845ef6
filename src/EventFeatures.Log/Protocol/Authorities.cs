using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EventFeatures.Log.Protocol;

/// <summary>Whether a certificate was signed by an authority that both ends of a connection may name.</summary>
internal static class Authorities
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    /// <summary>Whether a server's certificate is signed for that, or for whatever its holder likes, by one of those trusted.</summary>
    /// <param name="trusted">Where a chain may end.</param>
    /// <param name="certificate">The server's.</param>
    /// <param name="sent">The connection's chain, with the authorities in between that the server sent along.</param>
    public static bool SignedServer(X509Certificate2Collection trusted, X509Certificate certificate, X509Chain? sent) =>
        Signed(trusted, certificate, sent, ServerPurpose);

    /// <summary>The same for a client's certificate.</summary>
    /// <inheritdoc cref="SignedServer"/>
    public static bool SignedClient(X509Certificate2Collection trusted, X509Certificate certificate, X509Chain? sent) =>
        Signed(trusted, certificate, sent, ClientPurpose);

    // Revocation lists are not asked.
    private static bool Signed(X509Certificate2Collection trusted, X509Certificate certificate, X509Chain? sent, string purpose)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // A certificate that states no purposes is for all of them.
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
            foreach (var element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf);
    }
}
