using System.Text;
using EventFeatures.Log.EmbeddedNode.Access;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class NodeUsersTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("ann:secret", true)]
    [InlineData("bob:pass:with:colons", true)]
    [InlineData("ann:Secret", false)]
    [InlineData("ann:", false)]
    [InlineData("ann", false)]
    [InlineData("eve:secret", false)]
    [InlineData("", false)]
    public void A_user_is_let_in_by_name_and_password_alone(string given, bool admitted) =>
        new NodeUsers([("ann", "secret"), ("bob", "pass:with:colons")]).Admits(Basic(given)).ShouldBe(admitted);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic ***")]
    [InlineData("Bearer YW5uOnNlY3JldA==")]
    public void Anything_but_basic_credentials_is_nobody(string? header) =>
        new NodeUsers([("ann", "secret")]).Admits(header).ShouldBeFalse();

    [Fact]
    public void A_file_names_a_user_a_line()
    {
        Write("# operators\n\nann:secret\nbob:two words\n");

        var users = NodeUsers.FromFile(_file);

        users.Admits(Basic("ann:secret")).ShouldBeTrue();
        users.Admits(Basic("bob:two words")).ShouldBeTrue();
        users.Admits(Basic("# operators:")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("ann:secret\nbob\n", ":2 is no user")]
    [InlineData(":secret\n", ":1 is no user")]
    [InlineData("ann:\n", ":1 is no user")]
    [InlineData("# nobody\n", "names no user")]
    public void A_file_that_is_none_is_refused_by_line(string text, string reason)
    {
        Write(text);

        Should.Throw<FormatException>(() => NodeUsers.FromFile(_file)).Message.ShouldContain(reason);
    }

    [Fact]
    public void A_file_that_others_can_read_is_refused_with_the_remedy()
    {
        Write("ann:secret\n");
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Should.Throw<FormatException>(() => NodeUsers.FromFile(_file)).Message.ShouldContain($"chmod 600 {_file}");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Should.Throw<FormatException>(() => NodeUsers.FromFile("/nowhere/users")).Message.ShouldContain("/nowhere/users");

    private void Write(string text)
    {
        File.WriteAllText(_file, text);
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static string Basic(string credentials) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
}
