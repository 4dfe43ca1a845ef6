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
    public NodeAccess Read(Invocation invocation)
    {
        var bind = Address(invocation.Get(_bind));
        var (certificate, chain) = Certificate(FileOf(invocation, _certificate), FileOf(invocation, _key));
        return new()
        {
            Bind = bind,
            Certificate = certificate,
            CertificateChain = chain,
            ClientAuthorities = FileOf(invocation, _clientAuthority) is { } file ? Usable(_clientAuthority.Name, () => Certificates(file, File.ReadAllText(file))) : null,
            Users = Users(FileOf(invocation, _users)),
        };
    }

    private static string? FileOf(Invocation invocation, Option<string?> option) =>
        invocation.Get(option) is not "" and var file ? file : throw new UsageException($"{option.Name} is empty. Name a file.");

    private static IPAddress Address(string? text) =>
        text is null ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw new UsageException($"--log-bind takes an IP address such as 127.0.0.1 or 0.0.0.0, not '{text}'.");

    private static (X509Certificate2? Certificate, X509Certificate2Collection? Chain) Certificate(string? certificate, string? key)
    {
        if (certificate is null != key is null) throw new UsageException("--log-certificate and --log-key belong together; give both or neither.");
        if (certificate is null || key is null) return (null, null);
        return Usable("--log-certificate", () =>
        {
            // Each is read once: what may be a pipe is empty the second time.
            var text = File.ReadAllText(certificate);
            return ((X509Certificate2?, X509Certificate2Collection?))(
                X509Certificate2.CreateFromPem(text, key == certificate ? text : File.ReadAllText(key)), Certificates(certificate, text));
        });
    }

    private static X509Certificate2Collection Certificates(string file, string text)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        return certificates.Count > 0 ? certificates : throw new CryptographicException($"{file} holds no certificate.");
    }

    private static NodeUsers? Users(string? file)
    {
        if (file is null) return null;
        // What is there is opened once, by who reads it: a pipe may have nobody who writes to it a second time.
        if (!File.Exists(file)) UserFile.RefuseMissing(file);
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
