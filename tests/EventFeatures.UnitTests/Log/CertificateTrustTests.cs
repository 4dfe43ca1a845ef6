using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode.Access;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

/// <summary>Whose certificates either end of a connection takes, with what came along with them.</summary>
public sealed class CertificateTrustTests : IDisposable
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-trust-").FullName;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _between;

    public CertificateTrustTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        _root = Request("CN=root of a test", key, authority: true).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _between = Signed("CN=between of a test", _root, authority: true);
    }

    public void Dispose()
    {
        _root.Dispose();
        _between.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ServerPurpose)]
    [InlineData($"{ClientPurpose},{ServerPurpose}")]
    public void A_server_is_trusted_through_authorities_that_came_along(string? purposes)
    {
        using var server = Signed("CN=server", _between, purposes: purposes);

        ClientTakes(server, along: _between).ShouldBeTrue();
        ClientTakes(server, along: null).ShouldBeFalse("nothing leads from it to the root");
    }

    [Fact]
    public void A_server_whose_certificate_is_for_clients_alone_is_not_trusted()
    {
        using var server = Signed("CN=server", _root, purposes: ClientPurpose);

        ClientTakes(server, along: null).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ClientPurpose)]
    [InlineData($"{ClientPurpose},{ServerPurpose}")]
    public void A_client_is_let_in_through_authorities_that_came_along(string? purposes)
    {
        using var client = Signed("CN=client", _between, purposes: purposes);

        NodeTakes(client, along: _between).ShouldBeTrue();
        NodeTakes(client, along: null).ShouldBeFalse("nothing leads from it to the root");
    }

    [Fact]
    public void A_client_whose_certificate_is_for_servers_alone_is_not_let_in()
    {
        using var client = Signed("CN=client", _root, purposes: ServerPurpose);

        NodeTakes(client, along: null).ShouldBeFalse();
    }

    private bool ClientTakes(X509Certificate2 server, X509Certificate2? along)
    {
        var file = Path.Combine(_folder, "ca.pem");
        File.WriteAllText(file, _root.ExportCertificatePem());
        using var chain = ChainOf(along);
        var settings = ConnectionSettings.Parse($"esdb://localhost?tlsCaFile={file}");
        return ServerTrust.Callback(settings, TlsFiles.Read(settings)).ShouldNotBeNull()(this, server, chain, SslPolicyErrors.RemoteCertificateChainErrors);
    }

    private bool NodeTakes(X509Certificate2 client, X509Certificate2? along)
    {
        var https = new HttpsConnectionAdapterOptions();
        new NodeAccess { ClientAuthorities = [_root] }.Protect(https);
        using var chain = ChainOf(along);
        return https.ClientCertificateValidation.ShouldNotBeNull()(client, chain, SslPolicyErrors.RemoteCertificateChainErrors);
    }

    // As the connection hands it over: what the other end sent besides its own certificate is its extra store.
    private static X509Chain ChainOf(X509Certificate2? along)
    {
        var chain = new X509Chain();
        if (along is not null) chain.ChainPolicy.ExtraStore.Add(along);
        return chain;
    }

    private static X509Certificate2 Signed(string subject, X509Certificate2 by, bool authority = false, string? purposes = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Request(subject, key, authority, purposes).Create(by, by.NotBefore, by.NotAfter, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string subject, ECDsa key, bool authority, string? purposes = null)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (authority) request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (purposes is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Split(',').Select(purpose => new Oid(purpose))], critical: false));
        return request;
    }
}
