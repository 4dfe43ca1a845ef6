using Npgsql;

namespace EventFeatures.Server.Hosting;

/// <summary>
/// Where a home's log and database are when they are not its own: noted when a server runs with them, so that whoever
/// forgets to name them is refused, rather than given an empty log beside the real one. Credentials are not noted.
/// </summary>
internal static class HomeSources
{
    /// <summary>The file in the home folder; a line for each that lies elsewhere.</summary>
    public const string FileName = "elsewhere";

    private const string Log = "EVENTFEATURES_LOG";
    private const string Postgres = "EVENTFEATURES_POSTGRES";

    /// <exception cref="HostStartException">The home was used with a log or a database that is not named now.</exception>
    public static void RefuseForgotten(HostOptions options, string home)
    {
        var file = Path.Combine(home, FileName);
        if (!File.Exists(file)) return;
        foreach (var line in File.ReadLines(file))
        {
            var (name, place) = line.Split(' ', 2) is [var before, var after] ? (before, after) : (line, "another place");
            if ((name == Log && options.Log is null) || (name == Postgres && options.Postgres is null))
                throw new HostStartException(
                    $"The home folder {home} is used with {place}, but {name} names nothing now, and something empty would be started beside it. Set {name} again, or name another --home; delete {file} if this home shall have its own from now on.");
        }
    }

    /// <summary>Notes what lies elsewhere now.</summary>
    public static void Remember(HostOptions options, string home)
    {
        List<string> lines = [];
        if (options.Log is { } log) lines.Add($"{Log} the log {WithoutUser(log)}");
        if (options.Postgres is { } postgres) lines.Add($"{Postgres} the database {PlaceOf(postgres)}");
        var file = Path.Combine(home, FileName);
        if (lines.Count == 0 || (File.Exists(file) && File.ReadLines(file).SequenceEqual(lines))) return;
        File.WriteAllLines(file, lines);
    }

    /// <summary>A log's connection string as it may be shown, without <c>user:password@</c>.</summary>
    public static string WithoutUser(string log)
    {
        // An '@' of an option's value is its own.
        var at = log.Split('?')[0].LastIndexOf('@');
        var scheme = log.IndexOf("://", StringComparison.Ordinal);
        return at > scheme && scheme > 0 ? log[..(scheme + 3)] + log[(at + 1)..] : log;
    }

    private static string PlaceOf(string postgres)
    {
        var builder = new NpgsqlConnectionStringBuilder(postgres);
        return FormattableString.Invariant($"{builder.Database} at {builder.Host}:{builder.Port}");
    }
}
