using System.Text.RegularExpressions;
using EventFeatures.Core.Contracts;

namespace EventFeatures.Core.Definitions;

/// <summary>Turns documents into typed definitions. Knows one document at a time; see <see cref="DefinitionFold"/> for what holds between them.</summary>
public static partial class DefinitionReader
{
    private const string ApiVersion = "eventfeatures/v1";
    private const long VersionMax = 1_000_000;

    private static readonly IReadOnlyList<string> Kinds = Enum.GetNames<DefinitionKind>();

    /// <summary>Reads one document.</summary>
    /// <returns>The definition, or <see langword="null"/> when the document has an issue, which was then added.</returns>
    public static Definition? Read(SourceDocument source, IssueList issues)
    {
        if (source.Root is not MappingNode mapping)
        {
            issues.Add(source, "type-wrong", "", $"A definition is a mapping with apiVersion, kind and name, but this is {source.Root.Describe()}.");
            return null;
        }
        var before = issues.Count;
        var reader = new MappingReader(source, mapping, "", issues);
        if (ReadKind(reader) is not { } kind) return null;
        var canonical = CanonicalJson.Write(mapping);
        var header = new DefinitionHeader(reader, canonical, CanonicalJson.Digest(canonical));
        Definition definition = kind switch
        {
            DefinitionKind.DataContract => DataContractReader.Read(header),
            DefinitionKind.Entity => EntityReader.Read(header),
            DefinitionKind.FeatureView => FeatureViewReader.Read(header),
            DefinitionKind.FeatureService => FeatureServiceReader.Read(header),
            DefinitionKind.Model => ModelReader.Read(header),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return issues.Count == before ? definition : null;
    }

    /// <summary>Reads a definition back from its canonical JSON, as the log holds it.</summary>
    /// <exception cref="DefinitionInvalidException">It cannot be read.</exception>
    public static Definition ReadCanonical(string json)
    {
        var issues = new IssueList();
        var definition = JsonDocuments.Read("", json, issues) is { } document ? Read(document, issues) : null;
        issues.ThrowIfAny();
        return definition!;
    }

    /// <summary>Reads a contract of the system's own, which may name a category that is the system's own.</summary>
    internal static DataContract ReadBuiltIn(string json)
    {
        var issues = new IssueList();
        var document = JsonDocuments.Read("", json, issues);
        issues.ThrowIfAny();
        var canonical = CanonicalJson.Write((MappingNode)document!.Root);
        var reader = new MappingReader(document, (MappingNode)document.Root, "", issues);
        var contract = DataContractReader.Read(new DefinitionHeader(reader, canonical, CanonicalJson.Digest(canonical)) { IsBuiltIn = true });
        issues.ThrowIfAny();
        return contract;
    }

    /// <summary>The kind and name that a document states, whether or not the rest of it can be read.</summary>
    public static (DefinitionKind Kind, string Name)? Peek(SourceDocument source)
    {
        if (source.Root is not MappingNode root || root["kind"] is not ScalarNode kind || !Enum.TryParse<DefinitionKind>(kind.Text, out var parsed))
            return null;
        return (root["name"] ?? (parsed == DefinitionKind.DataContract ? root["id"] : null)) is ScalarNode name ? (parsed, name.Text) : null;
    }

    private static DefinitionKind? ReadKind(MappingReader reader)
    {
        if (!reader.Has("kind"))
        {
            reader.Report("key-missing", "kind", $"'kind' is missing.{Suggestion.For("", Kinds)}");
            return null;
        }
        if (reader.OneOf("kind", Kinds) is not { } name) return null;
        var kind = Enum.Parse<DefinitionKind>(name);
        if (kind == DefinitionKind.DataContract) return kind;
        var version = reader.RequiredText("apiVersion", ApiVersion);
        if (version.Length > 0 && version != ApiVersion)
            reader.Report("api-version-unknown", "apiVersion", $"'{version}' is no version of this language. Write apiVersion: {ApiVersion}");
        return kind;
    }

    /// <summary>Reads and checks the integer version of all kinds but contracts; 1 when the file states none.</summary>
    internal static int ReadVersion(MappingReader reader)
    {
        if (!reader.Has("version")) return 1;
        var version = reader.Integer("version");
        if (version is >= 1 and <= VersionMax) return (int)version;
        if (version is not null) reader.Report("version-invalid", "version", $"The version is {version}, but versions count from 1 to {VersionMax}.");
        return 1;
    }

    /// <summary>Reads a name of letters, digits and underscores.</summary>
    internal static string ReadName(MappingReader reader, string key, string example)
    {
        var name = reader.RequiredText(key, example);
        if (name.Length > 0 && !NamePattern().IsMatch(name))
            reader.Report("name-invalid", key, $"'{name}' is no name. Use a letter, then letters, digits and single underscores; at most 100.");
        return name;
    }

    // "__" parts a view's name from its feature's in the full name.
    [GeneratedRegex("^(?!.*__)[A-Za-z][A-Za-z0-9_]{0,99}$")]
    private static partial Regex NamePattern();
}

/// <summary>What every kind's reader needs besides the members: the text and digest that name the version.</summary>
public sealed record DefinitionHeader(MappingReader Reader, string CanonicalJson, string Digest)
{
    /// <summary>Whether the definition is part of the software.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>The keys that every kind but a contract may have.</summary>
    public static readonly IReadOnlyList<string> Keys = ["apiVersion", "kind", "name", "version", "owner", "description", "tags"];
}
