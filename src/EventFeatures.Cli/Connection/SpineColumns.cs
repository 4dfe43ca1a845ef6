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

    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _context = new(StringComparer.Ordinal);

    /// <summary>Asks for the definitions of a service, <c>name</c> or <c>name@v1</c>.</summary>
    public static async Task<SpineColumns> OfServiceAsync(ApiSession api, string service, CancellationToken cancellation)
    {
        var columns = new SpineColumns();
        var at = service.LastIndexOf("@v", StringComparison.Ordinal);
        var version = at > 0 && int.TryParse(service[(at + 2)..], out var number) ? number : 0;
        var definition = await GetAsync(api, "FeatureService", version > 0 ? service[..at] : service, version, cancellation).ConfigureAwait(false);
        foreach (var (name, type) in Types(definition, "context")) columns._context[name] = type;
        var entities = await api.Registry.ListAsync(new ListDefinitionsRequest { Kind = "Entity" }, cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var entity in entities.Definitions.Select(entity => entity.Name).Distinct())
        {
            var parts = Types(await GetAsync(api, "Entity", entity, 0, cancellation).ConfigureAwait(false), "keys").ToList();
            foreach (var (part, type) in parts) columns._keys[part] = type;
            columns._keys[entity] = parts.Count == 1 ? parts[0].Type : Text;
        }
        return columns;
    }

    /// <summary>The same for the service that a model reads.</summary>
    public static async Task<SpineColumns> OfModelAsync(ApiSession api, string model, CancellationToken cancellation) =>
        await OfServiceAsync(api, await ServiceOfModelAsync(api, model, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>The service that a model reads, <c>name@v1</c>.</summary>
    public static async Task<string> ServiceOfModelAsync(ApiSession api, string model, CancellationToken cancellation) =>
        (await GetAsync(api, "Model", model, 0, cancellation).ConfigureAwait(false)).GetProperty("service").GetString()!;

    /// <summary>The type of a column's values, as definitions name it; that of text where they do not say.</summary>
    public string TypeOf(string column) => _keys.GetValueOrDefault(column) ?? _context.GetValueOrDefault(column) ?? Text;

    /// <summary>Puts a row's columns where the server takes them.</summary>
    /// <param name="row">The row, with its time.</param>
    /// <param name="values">Its other columns; those without a value left out.</param>
    public void Fill(SpineRow row, IReadOnlyDictionary<string, Value> values)
    {
        foreach (var (name, value) in values)
            if (_keys.TryGetValue(name, out var type)) row.Entities[name] = KeyText(type, value);
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
    private static string KeyText(string type, Value value) =>
        type == "integer" && value.KindCase == Value.KindOneofCase.Number && double.IsInteger(value.Number) && Math.Abs(value.Number) < 1L << 53
            ? ((long)value.Number).ToString(CultureInfo.InvariantCulture)
            : ValueText.Write(value);

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
