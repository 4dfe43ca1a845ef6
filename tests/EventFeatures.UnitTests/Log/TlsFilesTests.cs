using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Log.Client;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

/// <summary>The files of certificates that a connection string names, which are read before any call.</summary>
public sealed class TlsFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-tls-").FullName;
    private readonly string _certificate, _key, _otherKey, _text;

    public TlsFilesTests()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=of a test", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _certificate = File("certificate.pem", certificate.ExportCertificatePem());
        _key = File("certificate.key", key.ExportPkcs8PrivateKeyPem());
        _otherKey = File("other.key", other.ExportPkcs8PrivateKeyPem());
        _text = File("notes.txt", "no certificate");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Files_that_can_be_used_are_taken()
    {
        await using var log = EventStoreLog.Connect($"esdb://h?tlsCaFile={_certificate}&userCertFile={_certificate}&userKeyFile={_key}");
    }

    [Theory]
    [InlineData("tlsCaFile={missing}", "tlsCaFile={missing} cannot be used", "Name a PEM file")]
    [InlineData("tlsCaFile={folder}", "tlsCaFile={folder} cannot be used", "Name a PEM file")]
    [InlineData("tlsCaFile={text}", "tlsCaFile={text} cannot be used: The file holds no certificate.", "Name a PEM file")]
    [InlineData("userCertFile={missing}&userKeyFile={key}", "userCertFile={missing} cannot be used", "Name a PEM file")]
    [InlineData("userCertFile={key}&userKeyFile={key}", "userCertFile={key} cannot be used: The file holds no certificate.", "Name a PEM file")]
    [InlineData("userCertFile={certificate}&userKeyFile={missing}", "userKeyFile={missing} cannot be used", "of the first certificate in {certificate}")]
    [InlineData("userCertFile={certificate}&userKeyFile={text}", "userKeyFile={text} cannot be used", "of the first certificate in {certificate}")]
    [InlineData("userCertFile={certificate}&userKeyFile={otherKey}", "userKeyFile={otherKey} cannot be used", "of the first certificate in {certificate}")]
    public void One_that_cannot_is_refused_with_its_option_and_what_to_do(string options, string wrong, string remedy)
    {
        var refused = Should.Throw<FormatException>(() => EventStoreLog.Connect($"esdb://ann:secret@h?{Named(options)}"));

        refused.Message.ShouldContain(Named(wrong));
        refused.Message.ShouldContain(Named(remedy));
        refused.Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("tls=false&tlsCaFile={missing}&userCertFile={missing}&userKeyFile={missing}")]
    [InlineData("tlsVerifyCert=false&tlsCaFile={missing}")]
    public async Task One_that_the_connection_does_not_use_is_not_read(string options)
    {
        await using var log = EventStoreLog.Connect($"esdb://h?{Named(options)}");
    }

    private string Named(string text) => text
        .Replace("{missing}", Path.Combine(_folder, "missing.pem"), StringComparison.Ordinal).Replace("{folder}", _folder, StringComparison.Ordinal)
        .Replace("{certificate}", _certificate, StringComparison.Ordinal).Replace("{key}", _key, StringComparison.Ordinal)
        .Replace("{otherKey}", _otherKey, StringComparison.Ordinal).Replace("{text}", _text, StringComparison.Ordinal);

    private string File(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
