using System.Security.Cryptography;
using System.Text.Json;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files.Exports;

/// <summary>
/// An export that is not whole yet, in a folder beside the wanted one. What it is of, and which files are whole, is
/// written down there, so that an interrupted export goes on where it was. The wanted folder appears only once all is in it.
/// </summary>
internal sealed class ExportDraft
{
    private const string JournalName = "_journal.jsonl";
    private const string OriginName = "_origin.json";

    private readonly string _folder;
    private readonly string _target;
    private readonly List<ExportedPart> _parts;

    private ExportDraft(string target, ExportOrigin? origin, List<ExportedPart> parts) =>
        (_target, _folder, Origin, _parts) = (target, target + ".partial", origin, parts);

    /// <summary>What the files are of; null in a new draft.</summary>
    public ExportOrigin? Origin { get; private set; }

    /// <summary>The files that are whole.</summary>
    public IReadOnlyList<ExportedPart> Parts => _parts;

    /// <summary>Folders with all of their files. The last one that was worked on may lack some.</summary>
    public IReadOnlyList<string> WholeFolders => [.. _parts.Select(part => part.Folder).Distinct().SkipLast(1)];

    /// <summary>Opens what an interrupted export left, or a new draft.</summary>
    /// <exception cref="UsageException">The wanted folder is there already.</exception>
    public static ExportDraft Open(string target)
    {
        if (File.Exists(target) || Directory.Exists(target))
            throw new UsageException($"{target} exists already. Name a new folder with --to; an export never changes one.");
        var folder = target + ".partial";
        if (!File.Exists(Path.Combine(folder, OriginName)))
        {
            if (Directory.Exists(folder)) throw new UsageException($"{folder}, where the export is written first, exists already and is no export. Move it away, or name another folder with --to.");
            return new ExportDraft(target, null, []);
        }
        var origin = JsonSerializer.Deserialize<ExportOrigin>(File.ReadAllText(Path.Combine(folder, OriginName)));
        return new ExportDraft(target, origin, [.. Journal(folder).TakeWhile(part => IsWhole(folder, part))]);
    }

    /// <summary>Begins, or goes on where <paramref name="origin"/> is what the draft is of, without the folder that may lack files.</summary>
    public void Begin(ExportOrigin origin)
    {
        if (Origin is not null && Origin != origin) Drop();
        var whole = WholeFolders.ToHashSet(StringComparer.Ordinal);
        _parts.RemoveAll(part => !whole.Contains(part.Folder));
        Directory.CreateDirectory(_folder);
        WholeFile.Write(Path.Combine(_folder, OriginName), JsonSerializer.SerializeToUtf8Bytes(Origin = origin));
        WholeFile.Write(Path.Combine(_folder, JournalName), [.. _parts.SelectMany(part => (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(part), (byte)'\n'])]);
    }

    /// <summary>A new file of the draft; call <see cref="Add"/> once it is written and flushed.</summary>
    public FileStream Create(string path)
    {
        var full = Path.GetFullPath(Path.Combine(_folder, path));
        if (!full.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new InvalidDataException($"The server named the file '{path}', which is not within the export.");
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return new FileStream(full, FileMode.Create, FileAccess.Write, FileShare.None);
    }

    /// <summary>Writes down that a file is whole.</summary>
    public void Add(ExportedPart part)
    {
        using var journal = new FileStream(Path.Combine(_folder, JournalName), FileMode.Append, FileAccess.Write, FileShare.None);
        journal.Write([.. JsonSerializer.SerializeToUtf8Bytes(part), (byte)'\n']);
        journal.Flush(flushToDisk: true);
        _parts.Add(part);
    }

    /// <summary>Adds the manifest and gives the folder its name.</summary>
    public void Finish(byte[] manifest)
    {
        WholeFile.Write(Path.Combine(_folder, ExportManifest.Name), manifest);
        foreach (var stale in Directory.EnumerateFiles(_folder, "*.parquet", SearchOption.AllDirectories).ToList())
            if (!_parts.Exists(part => Path.GetFullPath(Path.Combine(_folder, part.Path)) == stale)) File.Delete(stale);
        File.Delete(Path.Combine(_folder, JournalName));
        File.Delete(Path.Combine(_folder, OriginName));
        Directory.Move(_folder, _target);
    }

    private void Drop()
    {
        Directory.Delete(_folder, recursive: true);
        _parts.Clear();
    }

    private static IEnumerable<ExportedPart> Journal(string folder)
    {
        var path = Path.Combine(folder, JournalName);
        if (!File.Exists(path)) yield break;
        foreach (var line in File.ReadLines(path))
        {
            ExportedPart? part;
            try
            {
                part = JsonSerializer.Deserialize<ExportedPart>(line);
            }
            catch (JsonException)
            {
                // The last line of a process that was killed while it wrote it; its file is written again.
                yield break;
            }
            if (part is not null) yield return part;
        }
    }

    private static bool IsWhole(string folder, ExportedPart part)
    {
        var path = Path.Combine(folder, part.Path);
        if (!File.Exists(path)) return false;
        using var file = File.OpenRead(path);
        return file.Length == part.Bytes && Convert.ToHexStringLower(SHA256.HashData(file)) == part.Sha256;
    }
}

/// <summary>What an export is of: two of the same have the same bytes.</summary>
internal sealed record ExportOrigin(string View, string ViewDigest, string ContractDigest, ulong KnownAt, string PartitionBy);

/// <summary>A whole file of an export.</summary>
internal sealed record ExportedPart(string Path, long Rows, long Bytes, string Sha256)
{
    /// <summary>The folder that it is in.</summary>
    public string Folder => Path[..Path.IndexOf('/', StringComparison.Ordinal)];
}
