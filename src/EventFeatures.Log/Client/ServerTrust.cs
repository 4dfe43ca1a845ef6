using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EventFeatures.Log.Client;

/// <summary>Decides whether a server's certificate is trusted.</summary>
internal static class ServerTrust
{
    /// <summary>The check that the settings ask for; <see langword="null"/> for the system's own.</summary>
    public static RemoteCertificateValidationCallback? Callback(ConnectionSettings settings)
    {
        if (!settings.TlsVerifyCert) return (_, _, _, _) => true;
        if (settings.TlsCaFile is not { } file) return null;
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(file);
        return (_, certificate, _, errors) => errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is not null && IsSignedBy(trusted, certificate));
    }

    private static bool IsSignedBy(X509Certificate2Collection trusted, X509Certificate certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var server = new X509Certificate2(certificate);
        return chain.Build(server);
    }
}
