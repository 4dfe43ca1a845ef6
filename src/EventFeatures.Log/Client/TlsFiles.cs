using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EventFeatures.Log.Client;

/// <summary>The certificates that a connection string names, read once: what cannot be used is refused before any call.</summary>
internal sealed record TlsFiles
{
    private const string Remedy = "Name a PEM file that this process can read.";

    /// <summary>Of a connection that names none.</summary>
    public static readonly TlsFiles None = new();

    /// <summary>The authorities to trust beside the system's; <see langword="null"/> for those alone, or where nobody checks.</summary>
    public X509Certificate2Collection? Trusted { get; private init; }

    /// <summary>The client's certificate with those that lead from it to its authority; <see langword="null"/> for none.</summary>
    public SslStreamCertificateContext? Client { get; private init; }

    /// <summary>Reads the files that the settings use; with <c>tls=false</c> they use none.</summary>
    /// <exception cref="FormatException">A file is missing or holds something else; names the option, the file and the remedy.</exception>
    public static TlsFiles Read(ConnectionSettings settings) => !settings.Tls ? None : new()
    {
        Trusted = settings is { TlsVerifyCert: true, TlsCaFile: { } file } ? Authorities(file) : null,
        Client = settings is { UserCertFile: { } certificate, UserKeyFile: { } key } ? ClientOf(certificate, key) : null,
    };

    private static X509Certificate2Collection Authorities(string file) => Usable($"tlsCaFile={file}", Remedy, () => Certificates(File.ReadAllText(file)));

    private static SslStreamCertificateContext ClientOf(string file, string keyFile)
    {
        // Once: what may be a pipe is empty the second time.
        var (text, all) = Usable($"userCertFile={file}", Remedy, () =>
        {
            var read = File.ReadAllText(file);
            return (read, Certificates(read));
        });
        return Usable($"userKeyFile={keyFile}", $"Name the PEM file of the key, without a password, of the first certificate in {file}.", () =>
        {
            var client = X509Certificate2.CreateFromPem(text, keyFile == file ? text : File.ReadAllText(keyFile));
            // Offline: what the file lacks is not fetched from where some certificate says that it is.
            return SslStreamCertificateContext.Create(client, all, offline: true);
        });
    }

    private static X509Certificate2Collection Certificates(string text)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("The file holds no certificate.");
    }

    private static T Usable<T>(string option, string remedy, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new FormatException($"{option} cannot be used: {unusable.Message.TrimEnd('.')}. {remedy}", unusable);
        }
    }
}
