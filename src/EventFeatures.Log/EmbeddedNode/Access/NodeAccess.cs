using System.Net;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Log.Protocol;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EventFeatures.Log.EmbeddedNode.Access;

/// <summary>Who may call a node, from where, and how the way there is protected.</summary>
public sealed record NodeAccess
{
    /// <summary>Anyone on this machine, without TLS.</summary>
    public static readonly NodeAccess ThisMachine = new();

    // Of no file and no longer life than the node: what its own process calls with.
    private readonly NodeUsers.Secret _own = NodeUsers.Secret.Random();

    /// <summary>The address to listen on. Another one than this machine's own needs a certificate and someone to ask for. Default: 127.0.0.1.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>The server's certificate with its key; with it the node speaks TLS alone. Default: none, no TLS.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The certificates that lead from <see cref="Certificate"/> to its authority; clients are sent them along with it. Default: none.</summary>
    public X509Certificate2Collection? CertificateChain { get; init; }

    /// <summary>Authorities whose client certificates are let in. Default: none; no client certificate is asked for.</summary>
    public X509Certificate2Collection? ClientAuthorities { get; init; }

    /// <summary>Users who are let in by name and password. Default: none.</summary>
    public NodeUsers? Users { get; init; }

    /// <summary>Whether a caller has to prove who it is.</summary>
    internal bool AsksWho => Users is not null || ClientAuthorities is not null;

    /// <summary>What is impossible or unsafe about it, in words.</summary>
    internal IEnumerable<string> Wrong()
    {
        if (Certificate is { HasPrivateKey: false }) yield return "Access.Certificate has no private key; give both";
        if (Certificate is null && AsksWho)
            yield return "Access names users or client authorities without a certificate; clients send no credentials without TLS, so give Access.Certificate";
        if (!IPAddress.IsLoopback(Bind) && (Certificate is null || !AsksWho))
            yield return $"Access.Bind is {Bind}, which other machines reach; that needs Access.Certificate, and Access.Users or Access.ClientAuthorities";
    }

    /// <summary>Whether a call may go on.</summary>
    /// <param name="authorization">The call's <c>authorization</c> header, if any.</param>
    /// <param name="certificate">The connection's client certificate, if any; it was checked when the connection was made.</param>
    internal bool Admits(string? authorization, X509Certificate2? certificate) =>
        !AsksWho || (ClientAuthorities is not null && certificate is not null) || _own.Matches(authorization) || Users?.Admits(authorization) == true;

    internal void Protect(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = Certificate;
        https.ServerCertificateChain = CertificateChain;
        if (ClientAuthorities is not { } authorities) return;
        // Not required: this process and the users, where there are any, come without one and are asked at each call.
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.ClientCertificateValidation = (certificate, chain, _) => Authorities.SignedClient(authorities, certificate, chain);
    }

    internal string ConnectionString(int port) =>
        FormattableString.Invariant($"esdb://{Host}:{port}?tls={(Certificate is null ? "false" : "true")}");

    // The certificate names the machine as others call it; on the loopback there is nobody to be mistaken for.
    internal string OwnConnectionString(int port) => Certificate is null
        ? ConnectionString(port)
        : FormattableString.Invariant($"esdb://{_own.User}:{_own.Password}@{Host}:{port}?tls=true&tlsVerifyCert=false");

    private string Host => Bind.Equals(IPAddress.Any) || Bind.Equals(IPAddress.Loopback) ? "127.0.0.1"
        : Bind.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{(Bind.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : Bind)}]"
        : Bind.ToString();
}
