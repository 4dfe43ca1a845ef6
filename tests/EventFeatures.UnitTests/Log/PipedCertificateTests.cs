using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Log.Client;
using EventFeatures.Server.Hosting;
using EventFeatures.Testing.Specs;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

/// <summary>The files of a connection string, where they are pipes, which can be read once.</summary>
public sealed class PipedCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-pipes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_client_reads_each_once()
    {
        var connectionString = await ConnectionStringAsync();

        await using var log = await PipedFile.ReadAsync(() => EventStoreLog.Connect(connectionString));
    }

    [Fact]
    public async Task So_does_a_server_that_validates_its_settings_before_it_makes_the_client()
    {
        var connectionString = await ConnectionStringAsync();
        var services = new ServiceCollection().AddLogging();

        await using var provider = await PipedFile.ReadAsync(() => services.AddEventFeatures(features => features
            .ReadFrom(log => log.EventStoreDb(connectionString)).ServeFrom(views => views.Marten("Host=nowhere")).ScoreWith(models => models.Onnx(_folder))).BuildServiceProvider());

        (await PipedFile.ReadAsync(provider.GetRequiredService<EventStoreLog>)).ShouldNotBeNull();
    }

    private async Task<string> ConnectionStringAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=of a test", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return $"esdb://h?tlsCaFile={await PipeAsync("ca", certificate.ExportCertificatePem())}&userCertFile={await PipeAsync("certificate", certificate.ExportCertificatePem())}&userKeyFile={await PipeAsync("key", key.ExportPkcs8PrivateKeyPem())}";
    }

    private async Task<string> PipeAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await PipedFile.MakeAsync(path, text);
        return path;
    }
}
