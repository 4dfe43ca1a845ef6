using System.Security.Cryptography;
using System.Text;

namespace EventFeatures.Log.EmbeddedNode.Access;

/// <summary>Users with their passwords. Only digests are kept in memory, and they are compared in constant time.</summary>
public sealed class NodeUsers
{
    private const string Scheme = "Basic ";
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly byte[][] _digests;

    /// <param name="users">Each user's name and password; a name holds no colon.</param>
    public NodeUsers(IEnumerable<(string User, string Password)> users) =>
        _digests = [.. users.Select(user => Digest(user.User, user.Password))];

    /// <summary>Reads a file with a <c>name:password</c> a line; empty lines and lines that begin with <c>#</c> say nothing.</summary>
    /// <exception cref="FormatException">The file cannot be read, is readable by other accounts, or has a line that is no user.</exception>
    public static NodeUsers FromFile(string path)
    {
        string[] lines;
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
                throw new FormatException($"{path} holds passwords and can be read by other accounts. Run: chmod 600 {path}");
            lines = File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The file of users cannot be read: {unreadable.Message}", unreadable);
        }
        var users = new List<(string, string)>();
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].Trim() is "" or ['#', ..]) continue;
            var colon = lines[index].IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || colon == lines[index].Length - 1)
                throw new FormatException($"{path}:{index + 1} is no user. Write a name, a colon and a password.");
            users.Add((lines[index][..colon], lines[index][(colon + 1)..]));
        }
        return users.Count > 0 ? new NodeUsers(users) : throw new FormatException($"{path} names no user. Write a line 'name:password' for each.");
    }

    /// <summary>Whether an <c>authorization</c> header is one of these users'.</summary>
    public bool Admits(string? authorization)
    {
        if (Given(authorization) is not { } given) return false;
        var admitted = false;
        // All of them, so that the time says nothing about which.
        foreach (var digest in _digests) admitted |= CryptographicOperations.FixedTimeEquals(digest, given);
        return admitted;
    }

    private static byte[] Digest(string user, string password) => SHA256.HashData(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static byte[]? Given(string? authorization)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true) return null;
        var text = authorization.AsSpan(Scheme.Length).Trim();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64Chars(text, bytes, out var length) ? SHA256.HashData(bytes.AsSpan(0, length)) : null;
    }

    /// <summary>A user made up for one process.</summary>
    internal sealed class Secret
    {
        private readonly NodeUsers _alone;

        private Secret(string user, string password) => (User, Password, _alone) = (user, password, new NodeUsers([(user, password)]));

        public string User { get; }

        public string Password { get; }

        public static Secret Random() => new("own-process", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

        public bool Matches(string? authorization) => _alone.Admits(authorization);
    }
}
