using System.Globalization;

namespace EventFeatures.Server.PostgresCluster;

/// <summary>Finds PostgreSQL's programs on this machine: named by the environment, Debian's folders, or the path.</summary>
internal sealed record PostgresPrograms(string Folder, int MajorVersion)
{
    public const string FolderVariable = "EVENTFEATURES_POSTGRES_BIN";

    private const string DebianFolder = "/usr/lib/postgresql";

    public string InitDb => Path.Combine(Folder, "initdb");

    public string Server => Path.Combine(Folder, "postgres");

    public string Control => Path.Combine(Folder, "pg_ctl");

    /// <summary>The newest programs there are or, for a cluster that exists, those of its own major version.</summary>
    public static PostgresPrograms Find(int? majorVersion)
    {
        var found = Candidates().Where(programs => majorVersion is null || programs.MajorVersion == majorVersion)
            .OrderByDescending(programs => programs.MajorVersion).FirstOrDefault();
        return found ?? throw new PrivateClusterException(majorVersion is { } wanted
            ? $"The cluster was made by PostgreSQL {wanted}, and this machine has no PostgreSQL {wanted}. Install it (apt-get install postgresql-{wanted}), or name another folder with --home."
            : $"PostgreSQL is not on this machine. Install it (apt-get install postgresql), name its bin folder in {FolderVariable}, or name a running server in EVENTFEATURES_POSTGRES.");
    }

    private static IEnumerable<PostgresPrograms> Candidates()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named)
        {
            if (At(named) is { } programs) yield return programs;
            yield break;
        }
        if (Directory.Exists(DebianFolder))
            foreach (var version in Directory.GetDirectories(DebianFolder))
                if (At(Path.Combine(version, "bin")) is { } programs) yield return programs;
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            if (At(folder) is { } programs) yield return programs;
    }

    private static PostgresPrograms? At(string folder)
    {
        var server = Path.Combine(folder, "postgres");
        if (!File.Exists(server) || !File.Exists(Path.Combine(folder, "initdb")) || !File.Exists(Path.Combine(folder, "pg_ctl"))) return null;
        var version = ChildProcess.Run(server, ["--version"], TimeSpan.FromSeconds(10)).Output;
        var number = version.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Split('.')[0])
            .FirstOrDefault(word => word.Length > 0 && word.All(char.IsAsciiDigit));
        return number is null ? null : new PostgresPrograms(folder, int.Parse(number, CultureInfo.InvariantCulture));
    }
}
