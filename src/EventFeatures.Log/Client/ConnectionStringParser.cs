using System.Globalization;

namespace EventFeatures.Log.Client;

/// <summary>Reads connection strings; what is wrong is named with its value and the remedy.</summary>
internal static class ConnectionStringParser
{
    private const int DefaultPort = 2113;

    private static readonly Dictionary<string, Func<ConnectionSettings, string, ConnectionSettings>> Options = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tls"] = (settings, value) => settings with { Tls = Boolean("tls", value) },
        ["tlsVerifyCert"] = (settings, value) => settings with { TlsVerifyCert = Boolean("tlsVerifyCert", value) },
        ["tlsCaFile"] = (settings, value) => settings with { TlsCaFile = value },
        ["userCertFile"] = (settings, value) => settings with { UserCertFile = value },
        ["userKeyFile"] = (settings, value) => settings with { UserKeyFile = value },
        ["connectionName"] = (settings, value) => settings with { ConnectionName = value },
        ["keepAliveInterval"] = (settings, value) => settings with { KeepAliveInterval = KeepAlive("keepAliveInterval", value) },
        ["keepAliveTimeout"] = (settings, value) => settings with { KeepAliveTimeout = KeepAlive("keepAliveTimeout", value) ?? Timeout.InfiniteTimeSpan },
        ["defaultDeadline"] = (settings, value) => settings with { DefaultDeadline = Milliseconds("defaultDeadline", value) },
        ["maxDiscoverAttempts"] = (settings, value) => settings with { MaxDiscoverAttempts = Attempts(value) },
        ["discoveryInterval"] = (settings, value) => settings with { DiscoveryInterval = Milliseconds("discoveryInterval", value) },
        ["gossipTimeout"] = (settings, value) => settings with { GossipTimeout = Milliseconds("gossipTimeout", value) },
        ["nodePreference"] = (settings, value) => settings with { NodePreference = Preference(value) },
        // Appends here always throw; the option is one of the official clients' and harmless when true.
        ["throwOnAppendFailure"] = (settings, value) => Boolean("throwOnAppendFailure", value)
            ? settings
            : throw new FormatException("throwOnAppendFailure=false is not supported: an append that fails always throws. Leave the option out."),
    };

    public static ConnectionSettings Parse(string connectionString)
    {
        var (scheme, rest) = Split(connectionString, "://") is { After: { } after } split && split.Before.All(letter => char.IsAsciiLetter(letter) || letter == '+')
            ? (split.Before, after)
            : throw new FormatException($"'{WithoutUser(connectionString)}' is not a connection string. Write it as esdb://host:2113?tls=false or esdb+discover://host1,host2.");
        var discover = scheme.ToLowerInvariant() switch
        {
            "esdb" or "kurrentdb" or "kdb" or "kurrent" => false,
            "esdb+discover" or "kurrentdb+discover" or "kdb+discover" or "kurrent+discover" => true,
            _ => throw new FormatException($"'{scheme}://' is not a scheme of a log. Use esdb, esdb+discover, kurrentdb or kurrentdb+discover."),
        };
        var (authorityAndPath, query) = Split(rest, "?");
        // Where no option has begun, the question mark was one of the password's.
        if (query is not null && query.Split('=')[0].Contains('@', StringComparison.Ordinal))
            throw new FormatException("The connection string has an '@' after its '?'. Write a '?' of the password as %3F.");
        var authority = authorityAndPath.TrimEnd('/');
        var at = authority.LastIndexOf('@');
        var nodes = Nodes(authority[(at + 1)..], mayBeCut: at < 0 && query is not null && query.Contains('@', StringComparison.Ordinal));
        if (nodes.Count > 1 && !discover)
            throw new FormatException($"'{WithoutUser(connectionString)}' names {nodes.Count.ToString(CultureInfo.InvariantCulture)} nodes. Use esdb+discover:// for a cluster.");
        var settings = new ConnectionSettings { Nodes = nodes, Discover = discover, Credentials = at < 0 ? null : Credentials(authority[..at]) };
        foreach (var option in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries)) settings = Apply(settings, option);
        return Check(settings);
    }

    private static ConnectionSettings Apply(ConnectionSettings settings, string option)
    {
        var (name, value) = Split(option, "=");
        if (!Options.TryGetValue(name, out var apply))
            throw new FormatException($"'{name}' is not an option of a connection string. Known are: {string.Join(", ", Options.Keys)}.");
        if (string.IsNullOrEmpty(value)) throw new FormatException($"The option '{name}' has no value; write {name}=…");
        return apply(settings, Uri.UnescapeDataString(value));
    }

    private static ConnectionSettings Check(ConnectionSettings settings) =>
        settings.UserCertFile is null == settings.UserKeyFile is null
            ? settings
            : throw new FormatException("userCertFile and userKeyFile belong together; give both or neither.");

    // With an '@' only after the '?', what stands before that may be a password's beginning, which no error quotes.
    private static List<NodeAddress> Nodes(string text, bool mayBeCut)
    {
        try
        {
            return [.. text.Split(',').Select(Node)];
        }
        catch (FormatException) when (mayBeCut)
        {
            throw new FormatException("The connection string's hosts cannot be read. Write each as host:2113, and a '?' of the password as %3F.");
        }
    }

    private static NodeAddress Node(string text)
    {
        if (text.StartsWith('[') && text.IndexOf(']') is var close and > 0)
            return new NodeAddress(text[..(close + 1)], text.Length > close + 1 ? Port(text, text[(close + 1)..].TrimStart(':')) : DefaultPort);
        var (host, port) = Split(text, ":");
        if (host.Length == 0) throw new FormatException("The connection string names no host. Write it as esdb://host:2113.");
        return new NodeAddress(host, port is null ? DefaultPort : Port(text, port));
    }

    private static int Port(string node, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw new FormatException($"'{text}' in '{node}' is not a port; it must be 1 to 65535.");

    private static (string, string) Credentials(string text) =>
        Split(text, ":") is { Before.Length: > 0, After: { } password } split
            ? (Uri.UnescapeDataString(split.Before), Uri.UnescapeDataString(password))
            : throw new FormatException("The connection string's user information must be user:password.");

    // What errors quote ends in logs and on screens, where no password belongs.
    private static string WithoutUser(string text) => text.LastIndexOf('@') is var at and >= 0 ? "…" + text[at..] : text;

    private static bool Boolean(string name, string value) =>
        bool.TryParse(value, out var parsed) ? parsed : throw new FormatException($"{name}={value} must be true or false.");

    private static TimeSpan Milliseconds(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new FormatException($"{name}={value} must be a number of milliseconds, more than 0.");

    // The platform's HTTP/2 takes none below a second.
    private static TimeSpan? KeepAlive(string name, string value) =>
        value == "-1" ? null
        : Milliseconds(name, value) is var time && time >= TimeSpan.FromSeconds(1) ? time
        : throw new FormatException($"{name}={value} must be 1000 milliseconds or more, or -1 for none.");

    private static int Attempts(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) && attempts > 0
            ? attempts
            : throw new FormatException($"maxDiscoverAttempts={value} must be a number, 1 or more.");

    private static NodePreference Preference(string value) =>
        Enum.TryParse<NodePreference>(value, ignoreCase: true, out var preference) && Enum.IsDefined(preference)
            ? preference
            : throw new FormatException($"nodePreference={value} must be leader, follower, readOnlyReplica or random.");

    private static (string Before, string? After) Split(string text, string separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is var at and >= 0 ? (text[..at], text[(at + separator.Length)..]) : (text, null);
}
