namespace EventFeatures.Server.PostgresCluster;

/// <summary>
/// The account that the database server runs as. PostgreSQL refuses to run as root, so root lends it to Debian's
/// <c>postgres</c> account, or to <c>nobody</c>; anyone else runs it as himself.
/// </summary>
internal sealed class ServerAccount
{
    private readonly string? _user;
    private readonly string[] _capabilities;

    private ServerAccount(string? user, string[] capabilities)
    {
        _user = user;
        _capabilities = capabilities;
    }

    public static ServerAccount For(string folder)
    {
        if (!Environment.IsPrivilegedProcess) return new ServerAccount(null, []);
        var user = ChildProcess.Run("id", ["-u", "postgres"], TimeSpan.FromSeconds(10)).ExitCode == 0 ? "postgres" : "nobody";
        // A checkout below root's own folder cannot be reached by another account; the one capability that lets
        // it pass through folders is lent only then.
        return new ServerAccount(user, IsReachableByOthers(folder) ? [] : ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]);
    }

    /// <summary>The command line that runs a program as this account, and ends it when this process dies.</summary>
    public IEnumerable<string> CommandFor(string program, IEnumerable<string> arguments) =>
        ["setpriv", "--pdeathsig=INT", .. Identity, "--", program, .. arguments];

    /// <summary>Runs a short program as this account.</summary>
    public ChildProcess.Result Run(string program, IEnumerable<string> arguments, TimeSpan deadline) =>
        _user is null
            ? ChildProcess.Run(program, arguments, deadline)
            : ChildProcess.Run("setpriv", [.. Identity, "--", program, .. arguments], deadline);

    /// <summary>Hands a folder to the account, closed to everyone else.</summary>
    public void Own(string folder)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (_user is null) return;
        var result = ChildProcess.Run("chown", ["-R", $"{_user}:", folder], TimeSpan.FromMinutes(2));
        if (result.ExitCode != 0)
            throw new PrivateClusterException($"Cannot hand {folder} to the account {_user}: {result.Output}");
    }

    private IEnumerable<string> Identity =>
        _user is null ? [] : [$"--reuid={_user}", $"--regid={PrimaryGroup(_user)}", "--clear-groups", .. _capabilities];

    private static string PrimaryGroup(string user) => ChildProcess.Run("id", ["-g", user], TimeSpan.FromSeconds(10)).Output;

    private static bool IsReachableByOthers(string folder)
    {
        for (var parent = Directory.GetParent(Path.GetFullPath(folder)); parent is not null; parent = parent.Parent)
            if (parent.Exists && !File.GetUnixFileMode(parent.FullName).HasFlag(UnixFileMode.OtherExecute)) return false;
        return true;
    }
}
