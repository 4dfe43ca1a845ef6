using System.Security.Cryptography.X509Certificates;

namespace EventFeatures.Log.Protocol;

/// <summary>Whether a certificate was signed by an authority that both ends of a connection may name.</summary>
internal static class Authorities
{
    /// <summary>Whether a chain leads from the certificate to one of those trusted. Revocation lists are not asked.</summary>
    public static bool Signed(X509Certificate2Collection trusted, X509Certificate certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf);
    }
}
