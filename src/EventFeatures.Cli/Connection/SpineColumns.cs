using System.Globalization;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Files.Spines;
using EventFeatures.Cli.Output;
using EventFeatures.Core.Definitions;

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

    /// <param name="keys">The names of the entities of the service's views and of the parts of their keys, with their types.</param>
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
        foreach (var entity in await EntitiesAsync(api, definition, cancellation).ConfigureAwait(false))
        {
            var parts = Types(await GetAsync(api, "Entity", entity, 0, cancellation).ConfigureAwait(false), "keys").ToList();
            foreach (var (part, type) in parts) AddKey(keys, part, type);
            AddKey(keys, entity, parts.Count == 1 ? parts[0].Type : Text);
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
    /// <remarks>A column that is a key and a context field of two types is a text, of which each is made.</remarks>
    public string TypeOf(string column) => (_keys.GetValueOrDefault(column), _context.GetValueOrDefault(column)) switch
    {
        (null, var context) => context ?? Text,
        (var key, null) => key,
        var (key, context) => key == context ? key : Text,
    };

    /// <summary>The service's context fields.</summary>
    public IEnumerable<string> ContextFields => _context.Keys;

    /// <summary>Whether a column means something to every spine or to the service.</summary>
    public bool IsKnown(string column) => SpineFile.OwnColumns.Contains(column) || _keys.ContainsKey(column) || _context.ContainsKey(column);

    /// <summary>The type of a field of the request's context; that of text where there is no such field, which the server refuses.</summary>
    public string TypeOfContext(string field) => _context.GetValueOrDefault(field) ?? Text;

    /// <summary>Puts a row's columns where the server takes them; one that is a key and a context field goes to both.</summary>
    /// <param name="row">The row, with its time.</param>
    /// <param name="values">Its other columns; those without a value left out.</param>
    /// <param name="wrong">Makes an error that names the row.</param>
    public void Fill(SpineRow row, IReadOnlyDictionary<string, Value> values, Func<string, Exception> wrong)
    {
        foreach (var (name, value) in values)
        {
            var (key, context) = (_keys.GetValueOrDefault(name), _context.GetValueOrDefault(name));
            if (key is not null) row.Entities[name] = KeyText(As(key)) ?? throw wrong(
                $"'{name}' is {ValueText.Write(value)}, but a key is a text or a whole number; a double is one for sure below 2^53 only. Write it as a text.");
            if (context is not null) row.Context[name] = As(context);
            if (key is null && context is null) row.Extra[name] = value;

            Value As(string type) => key is not null && context is not null && key != context && value.KindCase == Value.KindOneofCase.Text
                ? CellText.Read(type, value.Text) ?? throw wrong(CellText.Refusal($"'{name}'", type, value.Text))
                : value;
        }
    }

    /// <summary>
    /// Refuses columns among which there is no time, or two of one name, or a name of ours or of the service's context but
    /// for its spelling, which would be overlooked.
    /// </summary>
    /// <exception cref="UsageException">Says what is there, or what may have been meant.</exception>
    public void RefuseHeader(string file, IReadOnlyList<string> header)
    {
        if (header.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"{file}: there is the column '{twice.Key}' twice. Rename one of them.");
        foreach (var column in header.Where(column => !IsKnown(column)))
            if (SpineFile.OwnColumns.Concat(_context.Keys).FirstOrDefault(one => Bare(one) == Bare(column) && !header.Contains(one)) is { } meant)
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

    // What two entities understand differently stays as it is written.
    private static void AddKey(Dictionary<string, string> keys, string name, string type) =>
        keys[name] = keys.TryGetValue(name, out var other) && other != type ? Text : type;

    /// <summary>
    /// The entities of the views that a service reads; those of other views are no matter of its spines. A view without a
    /// version is the one that was newest when the service was applied, which the definition does not say, so all are asked.
    /// </summary>
    private static async Task<IReadOnlyList<string>> EntitiesAsync(ApiSession api, JsonElement service, CancellationToken cancellation)
    {
        var views = ViewsOf(service).Distinct().ToList();
        var registered = await api.Registry.ListAsync(new ListDefinitionsRequest { Kind = "FeatureView" }, cancellationToken: cancellation).ConfigureAwait(false);
        var entities = new List<string>();
        foreach (var view in views)
            foreach (var version in view.Version is { } stated ? [stated] : registered.Definitions.Where(one => one.Name == view.Name).Select(one => one.Version))
                entities.Add((await GetAsync(api, "FeatureView", view.Name, version, cancellation).ConfigureAwait(false)).GetProperty("entity").GetString()!);
        return [.. entities.Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<DefinitionReference> ViewsOf(JsonElement service)
    {
        foreach (var feature in service.GetProperty("features").EnumerateArray())
            if (feature.TryGetProperty("feature", out var name) && name.GetString()!.Split("__")[0] is var view && DefinitionReference.TryParse(view, out var reference))
                yield return reference;
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
