using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Verbs;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>The files of <c>up</c> that say who may call the embedded log.</summary>
public sealed class LogAccessOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-access-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_certificate_comes_with_those_after_it_in_its_file()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 server = Certificate("CN=server", key), between = Certificate("CN=between", otherKey);
        var file = Path.Combine(_folder, "server.pem");
        File.WriteAllText(file, $"{server.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n");
        File.WriteAllText(file + ".key", key.ExportPkcs8PrivateKeyPem());
        var command = new Command("up");
        var options = new LogAccessOptions();
        options.AddTo(command);

        var access = options.Read(new Invocation(command.Parse(["--log-certificate", file, "--log-key", file + ".key"])));

        access.Certificate.ShouldNotBeNull().Thumbprint.ShouldBe(server.Thumbprint);
        access.CertificateChain.ShouldNotBeNull().ShouldContain(certificate => certificate.Thumbprint == between.Thumbprint);
    }

    [Fact]
    public async Task Files_may_be_pipes_which_are_read_once()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var server = Certificate("CN=server", key);
        string certificate = Path.Combine(_folder, "certificate"), keyFile = Path.Combine(_folder, "key"), authority = Path.Combine(_folder, "authority"), users = Path.Combine(_folder, "users");
        await PipedFile.MakeAsync(certificate, server.ExportCertificatePem());
        await PipedFile.MakeAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        await PipedFile.MakeAsync(authority, server.ExportCertificatePem());
        await PipedFile.MakeAsync(users, "ann:secret\n");
        var command = new Command("up");
        var options = new LogAccessOptions();
        options.AddTo(command);
        var parsed = command.Parse(["--log-certificate", certificate, "--log-key", keyFile, "--log-client-ca", authority, "--log-users", users]);

        var access = await PipedFile.ReadAsync(() => options.Read(new Invocation(parsed)));

        access.Certificate.ShouldNotBeNull().Thumbprint.ShouldBe(server.Thumbprint);
        access.CertificateChain.ShouldNotBeNull().ShouldHaveSingleItem().Thumbprint.ShouldBe(server.Thumbprint);
        access.ClientAuthorities.ShouldNotBeNull().ShouldHaveSingleItem().Thumbprint.ShouldBe(server.Thumbprint);
        access.Users.ShouldNotBeNull().Admits("Basic " + Convert.ToBase64String("ann:secret"u8)).ShouldBeTrue();
    }

    private static X509Certificate2 Certificate(string subject, ECDsa key)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
