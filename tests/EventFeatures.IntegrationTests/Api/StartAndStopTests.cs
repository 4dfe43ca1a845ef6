using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Log.EmbeddedNode.Access;
using EventFeatures.Server;
using EventFeatures.Server.Backups;
using EventFeatures.Server.Hosting;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Systems;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

public sealed class StartAndStopTests
{
    [Fact]
    public async Task Wrong_options_are_refused_all_at_once()
    {
        var options = new HostOptions { Home = "", ApiPort = 70_000, LogPort = -1, LagMax = TimeSpan.Zero, ReadDeadline = TimeSpan.Zero };

        var refused = await Should.ThrowAsync<ConfigurationInvalidException>(() => EventFeaturesHost.StartAsync(options));

        refused.Issues.Count.ShouldBe(5);
        refused.Message.ShouldContain("ApiPort is 70000");
        refused.Message.ShouldContain("ReadDeadline");
        refused.Message.ShouldContain("--home");
    }

    [Fact]
    public async Task A_server_that_only_serves_is_refused_where_nothing_is_named_that_it_could_serve()
    {
        var refused = await Should.ThrowAsync<ConfigurationInvalidException>(() => EventFeaturesHost.StartAsync(new HostOptions { Home = "none", ServesOnly = true }));

        refused.Issues.ShouldHaveSingleItem().ShouldContain("EVENTFEATURES_LOG");
    }

    [Fact]
    public void A_configuration_without_its_parts_is_refused_all_at_once()
    {
        var refused = Should.Throw<ConfigurationInvalidException>(() => new ServiceCollection().AddEventFeatures(features => features
            .ReadFrom(log => log.EventStoreDb("http://nowhere"))
            .ServeFrom(views => views.Marten("Host", lagMax: TimeSpan.FromDays(1)))));

        refused.Issues.Count.ShouldBe(4);
        refused.Message.ShouldContain("the log's connection string");
        refused.Message.ShouldContain("the PostgreSQL connection string");
        refused.Message.ShouldContain("1.00:00:00");
        refused.Message.ShouldContain("ScoreWith");
    }

    [Fact]
    public void A_file_of_certificates_that_the_logs_connection_string_names_and_nobody_finds_is_refused_at_the_start()
    {
        var refused = Should.Throw<ConfigurationInvalidException>(() => new ServiceCollection().AddEventFeatures(features => features
            .ReadFrom(log => log.EventStoreDb("esdb://cluster?tlsCaFile=missing.pem"))
            .ServeFrom(views => views.Marten("Host=somewhere"))
            .ScoreWith(models => models.Onnx("models"))));

        refused.Issues.ShouldHaveSingleItem().ShouldContain("tlsCaFile=missing.pem cannot be used");
    }

    [Theory]
    [InlineData(true, "--port")]
    [InlineData(false, "--log-port")]
    public async Task A_port_in_use_is_named_with_the_option(bool api, string option)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var refused = await Should.ThrowAsync<HostStartException>(() => RunningSystem.StartAsync(options =>
            api ? options with { ApiPort = port } : options with { LogPort = port }));

        refused.Message.ShouldContain(port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        refused.Message.ShouldContain(option);
    }

    [Theory]
    [InlineData(true, "HostOptions.ApiBind")]
    [InlineData(false, "--log-bind")]
    public async Task An_address_that_is_not_this_machines_is_named_with_the_option_and_the_cause(bool api, string option)
    {
        // An address of documentation, which no machine has.
        const string Elsewhere = "192.0.2.1";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=a test's", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
        var access = new NodeAccess { Bind = IPAddress.Parse(Elsewhere), Certificate = certificate, Users = new NodeUsers([("ann", "secret")]) };

        var refused = await Should.ThrowAsync<HostStartException>(() => RunningSystem.StartAsync(options =>
            api ? options with { ApiBind = Elsewhere } : options with { LogAccess = access }));

        refused.Message.ShouldContain($"{Elsewhere}:0: ");
        refused.Message.ShouldContain(new SocketException((int)SocketError.AddressNotAvailable).Message);
        refused.Message.ShouldContain(option);
    }

    [Fact]
    public async Task A_database_that_cannot_hold_every_text_is_named_with_what_to_do()
    {
        await using var database = await TestDatabase.CreateAsync();
        var latin = $"{new NpgsqlConnectionStringBuilder(database.ConnectionString).Database}_latin1";
        await database.ScalarAsync($"create database {latin} encoding 'LATIN1' locale 'C' template template0");
        try
        {
            var refused = await Should.ThrowAsync<HostStartException>(() => RunningSystem.StartAsync(options =>
                options with { Postgres = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = latin }.ConnectionString }));

            refused.Message.ShouldContain($"Database '{latin}' stores text as LATIN1");
            refused.Message.ShouldContain("ENCODING 'UTF8'");
        }
        finally
        {
            await database.ScalarAsync($"drop database {latin} with (force)");
        }
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named_with_the_setting()
    {
        var refused = await Should.ThrowAsync<HostStartException>(() => RunningSystem.StartAsync(options =>
            options with { Postgres = "Host=127.0.0.1;Port=1;Username=nobody;Timeout=2" }));

        refused.Message.ShouldContain("EVENTFEATURES_POSTGRES");
    }

    [Fact]
    public async Task A_home_whose_database_lies_elsewhere_is_not_given_an_empty_one_beside_it()
    {
        await using var system = await RunningSystem.StartAsync();
        var forgetful = new HostOptions { Home = system.Host.HomeFolder };

        var refused = await Should.ThrowAsync<HostStartException>(() => EventFeaturesHost.StartAsync(forgetful));
        var notSaved = await Should.ThrowAsync<HostStartException>(() => HomeBackup.SaveAsync(forgetful, isRunning: true, Path.Combine(system.Host.HomeFolder, "saved")));

        refused.Message.ShouldContain("EVENTFEATURES_POSTGRES names nothing now");
        notSaved.Message.ShouldBe(refused.Message);
        Directory.Exists(Path.Combine(system.Host.HomeFolder, "postgres")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_named_before_the_api_opens()
    {
        var refused = await Should.ThrowAsync<HostStartException>(() => RunningSystem.StartAsync(options =>
            options with { Log = "esdb://127.0.0.1:1?tls=false" }));

        refused.Message.ShouldContain("127.0.0.1:1", customMessage: refused.ToString());
    }
}
