using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventFeatures.Core.Events;

/// <summary>
/// What a stream's own metadata stream says: how long its events can be read, and whatever its owner adds. It never
/// changes a position, and the whole log still shows every event.
/// </summary>
public sealed record StreamMetadata
{
    /// <summary>The value of <see cref="TruncateBefore"/> by which a stream is deleted until somebody appends again.</summary>
    public const long DeletedStream = long.MaxValue;

    private const string MaxAgeKey = "$maxAge";
    private const string MaxCountKey = "$maxCount";
    private const string TruncateBeforeKey = "$tb";
    private const string CacheControlKey = "$cacheControl";
    private const string AclKey = "$acl";

    /// <summary>No metadata at all.</summary>
    public static readonly StreamMetadata None = new();

    /// <summary>Events older than this are not read any more. Whole seconds, more than 0; <see langword="null"/> for no bound.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Only this many of the newest events are read. More than 0; <see langword="null"/> for no bound.</summary>
    public long? MaxCount { get; init; }

    /// <summary>Events of lower revisions are not read any more. 0 or more; <see langword="null"/> for no bound.</summary>
    public long? TruncateBefore { get; init; }

    /// <summary>How long a head of the stream may be cached by HTTP readers of a server that has them.</summary>
    public TimeSpan? CacheControl { get; init; }

    /// <summary>The access control list as it stands, which only a server with users enforces.</summary>
    public JsonNode? Acl { get; init; }

    /// <summary>All other properties, kept as they are.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Custom { get; init; } = new Dictionary<string, JsonNode?>();

    /// <summary>Reads the JSON of a metadata event.</summary>
    /// <exception cref="FormatException">It is no JSON object, or a bound in it is no number in its range.</exception>
    public static StreamMetadata Parse(ReadOnlyMemory<byte> json)
    {
        var metadata = None;
        Dictionary<string, JsonNode?> custom = new(StringComparer.Ordinal);
        foreach (var (name, value) in ReadObject(json))
        {
            switch (name)
            {
                case MaxAgeKey: metadata = metadata with { MaxAge = Seconds(name, value) }; break;
                case MaxCountKey: metadata = metadata with { MaxCount = Number(name, value, 1) }; break;
                case TruncateBeforeKey: metadata = metadata with { TruncateBefore = Number(name, value, 0) }; break;
                case CacheControlKey: metadata = metadata with { CacheControl = Seconds(name, value) }; break;
                case AclKey: metadata = metadata with { Acl = value?.DeepClone() }; break;
                default: custom[name] = value?.DeepClone(); break;
            }
        }
        return metadata with { Custom = custom };
    }

    /// <summary>The JSON of a metadata event.</summary>
    /// <exception cref="ArgumentException">A bound is out of its range.</exception>
    public byte[] ToJson()
    {
        var json = new JsonObject();
        if (MaxAge is { } age) json[MaxAgeKey] = WholeSeconds(nameof(MaxAge), age);
        if (MaxCount is { } count) json[MaxCountKey] = count > 0 ? count : throw OutOfRange(nameof(MaxCount), count, "1 or more");
        if (TruncateBefore is { } before) json[TruncateBeforeKey] = before >= 0 ? before : throw OutOfRange(nameof(TruncateBefore), before, "0 or more");
        if (CacheControl is { } cache) json[CacheControlKey] = WholeSeconds(nameof(CacheControl), cache);
        if (Acl is not null) json[AclKey] = Acl.DeepClone();
        foreach (var (name, value) in Custom) json[name] = value?.DeepClone();
        return JsonSerializer.SerializeToUtf8Bytes(json);
    }

    private static JsonObject ReadObject(ReadOnlyMemory<byte> json)
    {
        try
        {
            var read = JsonNode.Parse(json.Span) as JsonObject ?? throw new FormatException("A stream's metadata is not a JSON object.");
            // Counting it reads it whole, so that a name that comes twice shows here.
            return read.Count >= 0 ? read : throw new FormatException();
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException)
        {
            throw new FormatException($"A stream's metadata is no JSON: {wrong.Message}", wrong);
        }
    }

    private static TimeSpan Seconds(string name, JsonNode? value) =>
        TimeSpan.FromSeconds(Math.Min(Number(name, value, 1), TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond));

    private static long Number(string name, JsonNode? value, long least) =>
        value is JsonValue number && number.TryGetValue<long>(out var read) && read >= least
            ? read
            : throw new FormatException(FormattableString.Invariant($"A stream's metadata has {name} = {value?.ToJsonString() ?? "null"}; it must be a whole number, {least} or more."));

    private static long WholeSeconds(string name, TimeSpan value) =>
        value >= TimeSpan.FromSeconds(1) && value.Ticks % TimeSpan.TicksPerSecond == 0
            ? value.Ticks / TimeSpan.TicksPerSecond
            : throw OutOfRange(name, value, "whole seconds, 1 or more");

    private static ArgumentException OutOfRange(string name, object value, string range) =>
        new(FormattableString.Invariant($"A stream's metadata has {name} = {value}; it must be {range}."));
}
