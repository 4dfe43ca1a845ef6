using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Cli.Files;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Connection;

/// <summary>
/// What a spine's columns are to a feature service: entities' keys, the request's context, or columns to carry along.
/// The file does not say; the definitions do.
/// </summary>
internal sealed class SpineColumns
{
    private readonly HashSet<string> _keys = [];
    private readonly HashSet<string> _context = [];

    /// <summary>Asks for the definitions of a service, <c>name</c> or <c>name@v1</c>.</summary>
    public static async Task<SpineColumns> OfServiceAsync(ApiSession api, string service, CancellationToken cancellation)
    {
        var columns = new SpineColumns();
        var at = service.LastIndexOf("@v", StringComparison.Ordinal);
        var version = at > 0 && int.TryParse(service[(at + 2)..], out var number) ? number : 0;
        var definition = await GetAsync(api, "FeatureService", version > 0 ? service[..at] : service, version, cancellation).ConfigureAwait(false);
        columns._context.UnionWith(Names(definition, "context"));
        var entities = await api.Registry.ListAsync(new ListDefinitionsRequest { Kind = "Entity" }, cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var entity in entities.Definitions.Select(entity => entity.Name).Distinct())
        {
            columns._keys.Add(entity);
            columns._keys.UnionWith(Names(await GetAsync(api, "Entity", entity, 0, cancellation).ConfigureAwait(false), "keys"));
        }
        return columns;
    }

    /// <summary>The same for the service that a model reads.</summary>
    public static async Task<SpineColumns> OfModelAsync(ApiSession api, string model, CancellationToken cancellation)
    {
        var definition = await GetAsync(api, "Model", model, 0, cancellation).ConfigureAwait(false);
        return await OfServiceAsync(api, definition.GetProperty("service").GetString()!, cancellation).ConfigureAwait(false);
    }

    /// <summary>The line as the server takes it.</summary>
    public SpineRow RowOf(SpineFile.Line line)
    {
        var row = line.Row.Clone();
        foreach (var (name, value) in line.Columns)
            if (_keys.Contains(name)) row.Entities[name] = ValueText.Write(value);
            else if (_context.Contains(name)) row.Context[name] = value;
            else row.Extra[name] = value;
        return row;
    }

    private static async Task<JsonElement> GetAsync(ApiSession api, string kind, string name, int version, CancellationToken cancellation)
    {
        var request = new GetDefinitionRequest { Kind = kind, Name = name, Version = version };
        return JsonElement.Parse((await api.Registry.GetAsync(request, cancellationToken: cancellation).ConfigureAwait(false)).CanonicalJson);
    }

    private static IEnumerable<string> Names(JsonElement definition, string list) =>
        definition.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Select(item => item.GetProperty("name").GetString()!)
            : [];
}
