using System.Globalization;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Files.Spines;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Connection;

/// <summary>
/// What a spine's columns are to a feature service: entities' keys, the request's context, or columns to carry along.
/// The file does not say; the definitions do.
/// </summary>
internal sealed class SpineColumns
{
    private const string Text = "string";

    // From here on not every whole number is a double, so one that is may be another than what was meant.
    private const double WholeNumbersEnd = 1L << 53;

    private readonly IReadOnlyDictionary<string, string> _keys;
    private readonly IReadOnlyDictionary<string, string> _context;
    private readonly bool _known = true;

    /// <param name="keys">The names of entities and of the parts of their keys, with their types.</param>
    /// <param name="context">The service's context fields, with their types.</param>
    public SpineColumns(IReadOnlyDictionary<string, string> keys, IReadOnlyDictionary<string, string> context) => (_keys, _context) = (keys, context);

    private SpineColumns()
        : this(new Dictionary<string, string>(), new Dictionary<string, string>()) => _known = false;

    /// <summary>Before anybody was asked: any column may be any of them.</summary>
    public static SpineColumns Unknown { get; } = new();

    /// <summary>Asks for the definitions of a service, <c>name</c> or <c>name@v1</c>.</summary>
    public static async Task<SpineColumns> OfServiceAsync(ApiSession api, string service, CancellationToken cancellation)
    {
        var (keys, context) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        var at = service.LastIndexOf("@v", StringComparison.Ordinal);
        var version = at > 0 && int.TryParse(service[(at + 2)..], out var number) ? number : 0;
        var definition = await GetAsync(api, "FeatureService", version > 0 ? service[..at] : service, version, cancellation).ConfigureAwait(false);
        foreach (var (name, type) in Types(definition, "context")) context[name] = type;
        var entities = await api.Registry.ListAsync(new ListDefinitionsRequest { Kind = "Entity" }, cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var entity in entities.Definitions.Select(entity => entity.Name).Distinct())
        {
            var parts = Types(await GetAsync(api, "Entity", entity, 0, cancellation).ConfigureAwait(false), "keys").ToList();
            foreach (var (part, type) in parts) keys[part] = type;
            keys[entity] = parts.Count == 1 ? parts[0].Type : Text;
        }
        return new SpineColumns(keys, context);
    }

    /// <summary>The same for the service that a model reads.</summary>
    public static async Task<SpineColumns> OfModelAsync(ApiSession api, string model, CancellationToken cancellation) =>
        await OfServiceAsync(api, await ServiceOfModelAsync(api, model, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>The service that a model reads, <c>name@v1</c>.</summary>
    public static async Task<string> ServiceOfModelAsync(ApiSession api, string model, CancellationToken cancellation) =>
        (await GetAsync(api, "Model", model, 0, cancellation).ConfigureAwait(false)).GetProperty("service").GetString()!;

    /// <summary>The same for the service that a model's predictions read: that of its champion, if it has one.</summary>
    public static async Task<SpineColumns> OfPredictionsAsync(ApiSession api, string model, CancellationToken cancellation)
    {
        var detail = await api.Registry.GetAsync(new GetDefinitionRequest { Kind = "Model", Name = model }, cancellationToken: cancellation).ConfigureAwait(false);
        var champion = detail.ModelVersions.FirstOrDefault(version => version.Version == detail.ChampionVersion);
        return await OfServiceAsync(api, champion?.Service ?? JsonElement.Parse(detail.CanonicalJson).GetProperty("service").GetString()!, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether a column holds an entity's key or a part of one, as far as that is known.</summary>
    public bool MayBeKey(string column) => !_known || _keys.ContainsKey(column);

    /// <summary>The type of a column's values, as definitions name it; that of text where they do not say.</summary>
    public string TypeOf(string column) => _keys.GetValueOrDefault(column) ?? _context.GetValueOrDefault(column) ?? Text;

    /// <summary>The type of a field of the request's context; that of text where there is no such field, which the server refuses.</summary>
    public string TypeOfContext(string field) => _context.GetValueOrDefault(field) ?? Text;

    /// <summary>Puts a row's columns where the server takes them.</summary>
    /// <param name="row">The row, with its time.</param>
    /// <param name="values">Its other columns; those without a value left out.</param>
    /// <param name="wrong">Makes an error that names the row.</param>
    public void Fill(SpineRow row, IReadOnlyDictionary<string, Value> values, Func<string, Exception> wrong)
    {
        foreach (var (name, value) in values)
            if (_keys.ContainsKey(name)) row.Entities[name] = KeyText(value) ?? throw wrong(
                $"'{name}' is {ValueText.Write(value)}, but a key is a text or a whole number; a double is one for sure below 2^53 only. Write it as a text.");
            else if (_context.ContainsKey(name)) row.Context[name] = value;
            else row.Extra[name] = value;
    }

    /// <summary>Refuses columns among which there is no time, or a name of ours but for its spelling, which would be overlooked.</summary>
    /// <exception cref="UsageException">Says what is there, or what may have been meant.</exception>
    public void RefuseHeader(string file, IReadOnlyList<string> header)
    {
        foreach (var column in header.Where(column => !SpineFile.OwnColumns.Contains(column) && !_keys.ContainsKey(column) && !_context.ContainsKey(column)))
            if (SpineFile.OwnColumns.FirstOrDefault(own => Bare(own) == Bare(column)) is { } meant && !header.Contains(meant))
                throw new UsageException($"{file}: there is no column '{column}' of a spine. Did you mean '{meant}'?");
        if (!header.Contains(SpineFile.Time))
            throw new UsageException($"{file}: the column 'time' is missing. It has {string.Join(", ", header)}.");
    }

    private static string Bare(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim().ToLowerInvariant();

    // Where a column of whole numbers has gaps, other tools write it as one of doubles.
    private static string? KeyText(Value value)
    {
        if (value.KindCase != Value.KindOneofCase.Number) return ValueText.Write(value);
        return double.IsInteger(value.Number) && Math.Abs(value.Number) < WholeNumbersEnd ? ((long)value.Number).ToString(CultureInfo.InvariantCulture) : null;
    }

    private static async Task<JsonElement> GetAsync(ApiSession api, string kind, string name, int version, CancellationToken cancellation)
    {
        var request = new GetDefinitionRequest { Kind = kind, Name = name, Version = version };
        return JsonElement.Parse((await api.Registry.GetAsync(request, cancellationToken: cancellation).ConfigureAwait(false)).CanonicalJson);
    }

    private static IEnumerable<(string Name, string Type)> Types(JsonElement definition, string list) =>
        definition.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Select(item => (item.GetProperty("name").GetString()!, item.TryGetProperty("type", out var type) ? type.GetString()! : Text))
            : [];
}
