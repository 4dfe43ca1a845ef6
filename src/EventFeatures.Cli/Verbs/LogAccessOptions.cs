using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Files;
using EventFeatures.Log.EmbeddedNode.Access;

namespace EventFeatures.Cli.Verbs;

/// <summary>The options of <c>up</c> that say who may call the embedded log, and how.</summary>
internal sealed class LogAccessOptions
{
    private readonly Option<string?> _bind = new("--log-bind") { Description = "The log's address. Another than this machine's own needs --log-certificate, and --log-users or --log-client-ca. Default: 127.0.0.1.", HelpName = "IP" };
    private readonly Option<string?> _certificate = new("--log-certificate") { Description = "The log's certificate, and after it those that lead to its authority, PEM: the log then speaks TLS alone.", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--log-key") { Description = "The key of --log-certificate, PEM.", HelpName = "FILE" };
    private readonly Option<string?> _clientAuthority = new("--log-client-ca") { Description = "Let in clients whose certificates these authorities signed, PEM.", HelpName = "FILE" };
    private readonly Option<string?> _users = new("--log-users") { Description = "Let in these users: a name:password a line, in a file that only you can read.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _bind, _certificate, _key, _clientAuthority, _users }) command.Options.Add(option);
    }

    /// <exception cref="UsageException">A file or an address cannot be used.</exception>
    public NodeAccess Read(Invocation invocation) => new()
    {
        Bind = Address(invocation.Get(_bind)),
        Certificate = Certificate(FileOf(invocation, _certificate), FileOf(invocation, _key)),
        CertificateChain = Certificates(_certificate, FileOf(invocation, _certificate)),
        ClientAuthorities = Certificates(_clientAuthority, FileOf(invocation, _clientAuthority)),
        Users = Users(FileOf(invocation, _users)),
    };

    private static string? FileOf(Invocation invocation, Option<string?> option) =>
        invocation.Get(option) is not "" and var file ? file : throw new UsageException($"{option.Name} is empty. Name a file.");

    private static IPAddress Address(string? text) =>
        text is null ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw new UsageException($"--log-bind takes an IP address such as 127.0.0.1 or 0.0.0.0, not '{text}'.");

    private static X509Certificate2? Certificate(string? certificate, string? key)
    {
        if (certificate is null != key is null) throw new UsageException("--log-certificate and --log-key belong together; give both or neither.");
        return certificate is null ? null : Usable("--log-certificate", () => X509Certificate2.CreateFromPemFile(certificate, key));
    }

    private static X509Certificate2Collection? Certificates(Option<string?> option, string? file) => file is null ? null : Usable(option.Name, () =>
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates.Count > 0 ? certificates : throw new CryptographicException($"{file} holds no certificate.");
    });

    private static NodeUsers? Users(string? file)
    {
        if (file is null) return null;
        UserFile.RefuseMissing(file);
        try
        {
            return NodeUsers.FromFile(file);
        }
        catch (FormatException unusable)
        {
            throw new UsageException(unusable.Message, unusable);
        }
    }

    private static T Usable<T>(string option, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException($"{option} cannot be used: {unusable.Message} Give a PEM file.", unusable);
        }
    }
}
