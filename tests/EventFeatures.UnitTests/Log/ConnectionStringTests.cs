using EventFeatures.Log.Client;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("esdb://localhost:2113?tls=false", "http://localhost:2113/")]
    [InlineData("esdb://localhost", "https://localhost:2113/")]
    [InlineData("kurrentdb://10.0.0.1:1113/?tls=false", "http://10.0.0.1:1113/")]
    [InlineData("kdb://[::1]:99?tls=false", "http://[::1]:99/")]
    public void The_address_follows_host_port_and_tls(string text, string address)
    {
        var settings = ConnectionSettings.Parse(text);

        settings.AddressOf(settings.Nodes.ShouldHaveSingleItem()).ToString().ShouldBe(address);
        settings.Discover.ShouldBeFalse();
    }

    [Fact]
    public void A_cluster_names_several_nodes_to_discover_from()
    {
        var settings = ConnectionSettings.Parse("esdb+discover://a:1,b:2,c?nodePreference=follower&maxDiscoverAttempts=3&discoveryInterval=50&gossipTimeout=700");

        settings.Nodes.ShouldBe([new NodeAddress("a", 1), new NodeAddress("b", 2), new NodeAddress("c", 2113)]);
        settings.Discover.ShouldBeTrue();
        settings.NodePreference.ShouldBe(NodePreference.Follower);
        settings.MaxDiscoverAttempts.ShouldBe(3);
        settings.DiscoveryInterval.ShouldBe(TimeSpan.FromMilliseconds(50));
        settings.GossipTimeout.ShouldBe(TimeSpan.FromMilliseconds(700));
    }

    [Fact]
    public void An_at_sign_of_an_options_value_is_its_own() =>
        ConnectionSettings.Parse("esdb://user:pass@h?connectionName=a@b").ConnectionName.ShouldBe("a@b");

    [Fact]
    public void Options_are_read_whatever_their_case()
    {
        var settings = ConnectionSettings.Parse("esdb://user:p%40ss@h?TLS=false&connectionname=ops%20desk&keepAliveInterval=-1&keepAliveTimeout=20000&defaultDeadline=1500");

        settings.Credentials.ShouldBe(("user", "p@ss"));
        settings.ConnectionName.ShouldBe("ops desk");
        settings.KeepAliveInterval.ShouldBeNull();
        settings.KeepAliveTimeout.ShouldBe(TimeSpan.FromSeconds(20));
        settings.DefaultDeadline.ShouldBe(TimeSpan.FromMilliseconds(1500));
    }

    [Theory]
    [InlineData("esdb://admin:secret@a:2113,b:2113")]
    [InlineData("admin:secret@a:2113")]
    [InlineData("admin:secret://x@a:2113")]
    [InlineData("esdb://admin:sec?ret@a:2113")]
    [InlineData("esdb://admin:sec?ret=x@a:2113")]
    [InlineData("esdb://admin:secret@a:0")]
    [InlineData("esdb://admin:secret@a?tls=no")]
    public void No_error_quotes_the_password(string text) =>
        Should.Throw<FormatException>(() => ConnectionSettings.Parse(text)).Message.ShouldNotContain("sec");

    [Theory]
    [InlineData("localhost:2113", "is not a connection string")]
    [InlineData("http://localhost", "'http://' is not a scheme")]
    [InlineData("esdb://", "names no host")]
    [InlineData("esdb://h:0", "not a port")]
    [InlineData("esdb://h:70000", "not a port")]
    [InlineData("esdb://a,b", "esdb+discover")]
    [InlineData("esdb://h?tsl=false", "'tsl' is not an option")]
    [InlineData("esdb://h?tls=no", "must be true or false")]
    [InlineData("esdb://h?tls", "has no value")]
    [InlineData("esdb://h?keepAliveInterval=999", "must be 1000 milliseconds or more")]
    [InlineData("esdb://h?keepAliveTimeout=500", "must be 1000 milliseconds or more")]
    [InlineData("esdb://h?defaultDeadline=-5", "milliseconds")]
    [InlineData("esdb://h?nodePreference=best", "must be leader")]
    [InlineData("esdb://user@h", "user:password")]
    [InlineData("esdb://h?userCertFile=a.pem", "belong together")]
    [InlineData("esdb://h?throwOnAppendFailure=false", "not supported")]
    public void What_is_wrong_is_named(string text, string message) =>
        Should.Throw<FormatException>(() => ConnectionSettings.Parse(text)).Message.ShouldContain(message);
}
