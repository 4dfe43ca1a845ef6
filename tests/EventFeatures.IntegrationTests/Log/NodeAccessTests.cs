using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Access;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>A node that speaks TLS and asks who calls, and the product's client on the other end.</summary>
public sealed class NodeAccessTests : NodeTestBase, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-access-").FullName;
    private readonly X509Certificate2 _authority = Authority("CN=authority of a test");

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_user_appends_and_reads_over_tls_whose_certificate_an_authority_signed()
    {
        await using var node = await StartAsync(new NodeAccess { Users = new NodeUsers([("ann", "s3cret!")]) });
        await using var log = EventStoreLog.Connect($"esdb://ann:{Uri.EscapeDataString("s3cret!")}@localhost:{node.Port}?tls=true&tlsCaFile={Pem("ca.pem", _authority)}");

        await log.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late);

        (await AllAsync(log)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann:wrong@")]
    [InlineData("eve:secret@")]
    public async Task Nobody_else_appends_or_reads_and_the_reason_is_told_at_once(string user)
    {
        await using var node = await StartAsync(new NodeAccess { Users = new NodeUsers([("ann", "secret")]) });
        await using var log = EventStoreLog.Connect($"esdb://{user}localhost:{node.Port}?tls=true&tlsCaFile={Pem("ca.pem", _authority)}");

        (await Should.ThrowAsync<LogAccessDeniedException>(() => log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late)))
            .Message.ShouldContain("This node asks who calls");
        await Should.ThrowAsync<LogAccessDeniedException>(() => AllAsync(log));
    }

    [Fact]
    public async Task A_client_certificate_of_the_nodes_authority_is_let_in_and_another_is_not()
    {
        using var other = Authority("CN=another authority");
        await using var node = await StartAsync(new NodeAccess { ClientAuthorities = [_authority] });
        var (certificate, key) = SignedPem("ann", _authority, "CN=ann");
        await using var log = EventStoreLog.Connect($"esdb://localhost:{node.Port}?tlsCaFile={Pem("ca.pem", _authority)}&userCertFile={certificate}&userKeyFile={key}");

        await log.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late);

        (certificate, key) = SignedPem("eve", other, "CN=ann");
        await using var stranger = EventStoreLog.Connect($"esdb://localhost:{node.Port}?tlsCaFile={Pem("ca.pem", _authority)}&userCertFile={certificate}&userKeyFile={key}&defaultDeadline=500");
        await Should.ThrowAsync<Exception>(() => stranger.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late));
        (await AllAsync(log)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Both_ends_send_the_authorities_in_between_to_one_that_trusts_the_root_alone()
    {
        var (between, betweenKey) = Between();
        var (server, serverKey) = SignedPem("server", betweenKey, "CN=localhost");
        var chain = Chained(server, between);
        var access = new NodeAccess { Certificate = X509Certificate2.CreateFromPemFile(chain, serverKey), CertificateChain = [between], ClientAuthorities = [_authority] };
        await using var node = await EmbeddedNode.StartAsync(Options with { Access = access }, Late);
        var (client, clientKey) = SignedPem("ann", betweenKey, "CN=ann");
        await using var log = EventStoreLog.Connect(
            $"esdb://localhost:{node.Port}?tlsCaFile={Pem("ca.pem", _authority)}&userCertFile={Chained(client, between)}&userKeyFile={clientKey}");

        await log.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late);

        (await AllAsync(log)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_process_of_the_node_gets_in_by_a_secret_that_it_shows_to_nobody()
    {
        await using var node = await StartAsync(new NodeAccess { Users = new NodeUsers([("ann", "secret")]) });
        await using var own = EventStoreLog.Connect(node.OwnConnectionString);

        await own.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late);

        node.ConnectionString.ShouldBe($"esdb://127.0.0.1:{node.Port}?tls=true");
    }

    [Fact]
    public async Task A_server_whose_certificate_nobody_trusts_is_not_talked_to()
    {
        using var other = Authority("CN=another authority");
        await using var node = await StartAsync(new NodeAccess());
        await using var log = EventStoreLog.Connect($"esdb://localhost:{node.Port}?tlsCaFile={Pem("other.pem", other)}&defaultDeadline=500");

        await Should.ThrowAsync<LogUnavailableException>(() => log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late));
    }

    [Fact]
    public async Task What_would_be_open_to_other_machines_is_refused_with_all_that_is_missing()
    {
        var open = new NodeAccess { Bind = IPAddress.Any };
        var silent = new NodeAccess { Users = new NodeUsers([("ann", "secret")]) };

        (await Should.ThrowAsync<ArgumentException>(() => EmbeddedNode.StartAsync(Options with { Access = open }, Late))).Message.ShouldContain("other machines reach");
        (await Should.ThrowAsync<ArgumentException>(() => EmbeddedNode.StartAsync(Options with { Access = silent }, Late))).Message.ShouldContain("without a certificate");
    }

    private async Task<EmbeddedNode> StartAsync(NodeAccess access)
    {
        var (certificate, key) = SignedPem("server", _authority, "CN=localhost");
        return await EmbeddedNode.StartAsync(Options with { Access = access with { Certificate = X509Certificate2.CreateFromPemFile(certificate, key) } }, Late);
    }

    private string Pem(string name, X509Certificate2 certificate)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }

    private (string Certificate, string Key) SignedPem(string name, X509Certificate2 authority, string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        var keyFile = Path.Combine(_folder, name + ".key");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (Pem(name + ".pem", signed), keyFile);
    }

    // An authority that the test's own signed: its certificate as others know it, and with its key.
    private (X509Certificate2 Certificate, X509Certificate2 WithKey) Between()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=between of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var signed = request.Create(_authority, _authority.NotBefore, _authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return (signed, signed.CopyWithPrivateKey(key));
    }

    private static string Chained(string file, X509Certificate2 between)
    {
        File.AppendAllText(file, "\n" + between.ExportCertificatePem());
        return file;
    }

    private static X509Certificate2 Authority(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
