using System.Net.Security;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.Client;

/// <summary>Decides whether a server's certificate is trusted.</summary>
internal static class ServerTrust
{
    /// <summary>The check that the settings ask for; <see langword="null"/> for the system's own.</summary>
    public static RemoteCertificateValidationCallback? Callback(ConnectionSettings settings, TlsFiles files)
    {
        if (!settings.TlsVerifyCert) return (_, _, _, _) => true;
        if (files.Trusted is not { } trusted) return null;
        return (_, certificate, chain, errors) => errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is not null && Authorities.SignedServer(trusted, certificate, chain));
    }
}
