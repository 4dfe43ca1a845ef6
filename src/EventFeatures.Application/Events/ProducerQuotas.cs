using EventFeatures.Application.Definitions;
using EventFeatures.Core.Definitions;

namespace EventFeatures.Application.Events;

/// <summary>How much each producer may append: one quota for all who are not named, each by itself, and others by name.</summary>
/// <param name="Default">The quota of a producer that is not named. Each such producer has its own.</param>
/// <param name="ByProducer">The quotas of those that are; a quota here replaces the default whole.</param>
public sealed record ProducerQuotas(ProducerQuota Default, IReadOnlyDictionary<string, ProducerQuota> ByProducer)
{
    /// <summary>Nobody is limited.</summary>
    public static readonly ProducerQuotas None = new(ProducerQuota.Unlimited, new Dictionary<string, ProducerQuota>());

    /// <summary>The longest name of a producer.</summary>
    public const int NameLengthMax = 512;

    /// <summary>What is said of a longer one.</summary>
    public static readonly string NameTooLong = FormattableString.Invariant($"A producer's name has at most {NameLengthMax} characters.");

    internal const int NamedMax = 10_000;
    private const string UnlimitedText = "unlimited";

    /// <summary>Whether nobody is limited.</summary>
    public bool IsNone => Default.IsUnlimited && ByProducer.Values.All(quota => quota.IsUnlimited);

    /// <summary>A producer's quota.</summary>
    public ProducerQuota Of(string producer) => ByProducer.GetValueOrDefault(producer, Default);

    /// <summary>Adds everything about it that is impossible.</summary>
    public void Check(List<string> wrong)
    {
        Default.Check("the default quota of producers", wrong);
        if (ByProducer.Count > NamedMax) wrong.Add(FormattableString.Invariant($"{ByProducer.Count} producers have quotas of their own; at most {NamedMax} can"));
        foreach (var (producer, quota) in ByProducer) quota.Check($"the quota of producer '{producer}'", wrong);
    }

    /// <summary>
    /// Reads <c>default: { eventsPerSecond: 1000, bytesPerSecond: 1048576, burst: 5s }</c> and, under <c>producers</c>,
    /// the same by name, where <c>unlimited</c> stands for no limit.
    /// </summary>
    /// <exception cref="DefinitionInvalidException">The file cannot be used; lists every reason with its line.</exception>
    public static ProducerQuotas Parse(DefinitionFile file)
    {
        var issues = new IssueList();
        var documents = DeclaredDefinitions.Documents(file, issues);
        issues.ThrowIfAny();
        if (documents is not [{ Root: MappingNode root } document])
            throw new DefinitionInvalidException([new DefinitionIssue("type-wrong", "The file has to be one mapping with 'default', 'producers' or both.") { File = file.Name, Line = 1 }]);
        var reader = new MappingReader(document, root, "", issues);
        reader.AllowOnly("A file of quotas", "default", "producers");
        var quotas = new ProducerQuotas(
            Quota(reader, "default") ?? ProducerQuota.Unlimited,
            reader.Mapping("producers") is { } producers ? Named(producers) : new Dictionary<string, ProducerQuota>());
        issues.ThrowIfAny();
        return quotas;
    }

    private static Dictionary<string, ProducerQuota> Named(MappingReader producers)
    {
        var named = new Dictionary<string, ProducerQuota>(StringComparer.Ordinal);
        if (producers.Node.Entries.Count > NamedMax)
            producers.Report("value-invalid", "", $"There are {producers.Node.Entries.Count:N0} producers, and at most {NamedMax:N0} can have quotas of their own. Let the default do for the rest.");
        foreach (var producer in producers.Node.Entries.Select(entry => entry.Key))
        {
            if (producer.Length is 0 or > NameLengthMax)
                producers.Report("name-invalid", producer, $"A producer's name has 1 to {NameLengthMax} characters.");
            if (Quota(producers, producer) is { } quota) named[producer] = quota;
        }
        return named;
    }

    private static ProducerQuota? Quota(MappingReader parent, string key)
    {
        if (parent.Node[key] is ScalarNode { Type: ScalarType.String, Text: UnlimitedText }) return ProducerQuota.Unlimited;
        if (parent.Mapping(key) is not { } reader)
        {
            if (parent.Node.Entry(key) is not null && !parent.Has(key))
                parent.Report("value-invalid", key, $"'{key}' has no quota. Write for example {{ eventsPerSecond: 1000 }}, or {UnlimitedText}.");
            return null;
        }
        reader.AllowOnly("A quota", "eventsPerSecond", "bytesPerSecond", "burst");
        var quota = new ProducerQuota(
            Rate(reader, "eventsPerSecond", ProducerQuota.EventsPerSecondMax), Rate(reader, "bytesPerSecond", ProducerQuota.BytesPerSecondMax));
        if (!reader.Has("eventsPerSecond") && !reader.Has("bytesPerSecond"))
            reader.Report("key-missing", "", $"A quota limits events, bytes or both. Write for example eventsPerSecond: 1000, or {UnlimitedText} in its place.");
        if (reader.Duration("burst")?.ToTimeSpan() is not { } burst) return quota;
        if (burst < ProducerQuota.BurstMin || burst > ProducerQuota.BurstMax) reader.Report("range-invalid", "burst", "A burst is 100ms to 1h.");
        return quota with { Burst = burst };
    }

    private static long? Rate(MappingReader reader, string key, long max)
    {
        var rate = reader.Integer(key);
        if (rate < 1 || rate > max) reader.Report("range-invalid", key, $"'{key}' is {rate}; it must be 1 to {max}.");
        return rate;
    }
}
