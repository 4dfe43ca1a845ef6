using EventFeatures.Server;
using EventFeatures.Server.Hosting;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

public sealed class HomeSourcesTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("ef-home-").FullName;

    private HostOptions Own => new() { Home = _home };

    private HostOptions Elsewhere => Own with { Log = "esdb://admin:secret@n1:2113", Postgres = "Host=db;Port=6543;Username=ef;Password=secret;Database=features" };

    [Theory]
    [InlineData("esdb://user:secret@h:2113?tls=false", "esdb://h:2113?tls=false")]
    [InlineData("esdb://h:2113?connectionName=ops@site", "esdb://h:2113?connectionName=ops@site")]
    [InlineData("esdb://user:secret@h?connectionName=ops@site", "esdb://h?connectionName=ops@site")]
    public void An_address_is_shown_without_its_user_and_with_all_else(string log, string expected) => HomeSources.WithoutUser(log).ShouldBe(expected);

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void A_home_with_a_log_and_a_database_of_its_own_notes_nothing()
    {
        HomeSources.Remember(Own, _home);

        Directory.EnumerateFileSystemEntries(_home).ShouldBeEmpty();
        HomeSources.RefuseForgotten(Own, _home);
    }

    [Fact]
    public void What_lies_elsewhere_has_to_be_named_again()
    {
        HomeSources.Remember(Elsewhere, _home);

        HomeSources.RefuseForgotten(Elsewhere with { Log = "esdb://n2:2113" }, _home);
        Should.Throw<HostStartException>(() => HomeSources.RefuseForgotten(Elsewhere with { Log = null }, _home)).Message.ShouldContain("is used with the log esdb://n1:2113, but EVENTFEATURES_LOG names nothing");
        Should.Throw<HostStartException>(() => HomeSources.RefuseForgotten(Elsewhere with { Postgres = null }, _home)).Message.ShouldContain("is used with the database features at db:6543, but EVENTFEATURES_POSTGRES names nothing");
    }

    [Fact]
    public void No_credentials_are_noted()
    {
        HomeSources.Remember(Elsewhere, _home);
        File.ReadAllText(Path.Combine(_home, HomeSources.FileName)).ShouldNotContain("secret");
    }

    [Fact]
    public void The_last_places_count()
    {
        HomeSources.Remember(Elsewhere, _home);
        HomeSources.Remember(Elsewhere with { Log = null }, _home);
        HomeSources.RefuseForgotten(Elsewhere with { Log = null }, _home);
    }
}
