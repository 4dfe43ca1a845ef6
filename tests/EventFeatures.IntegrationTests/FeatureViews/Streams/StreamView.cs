using System.Text;
using EventFeatures.Core.FeatureViews.Aggregates;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>One feature of a view over a stream.</summary>
internal sealed record StreamFeature(string Name, StreamWindow Window, StreamAggregate Aggregate)
{
    /// <summary>As a definition writes it.</summary>
    public string Yaml => $"{{ name: {Name}, {Aggregate.Yaml}{(Window.Yaml is { } window ? $", window: {window}" : "")} }}";

    /// <summary>Whether a model can take it.</summary>
    public bool IsInput => Aggregate.Comparison is Comparison.Quotient or Comparison.Powers || Aggregate == StreamAggregate.Count;
}

/// <summary>A model that is asked whether the next row of its stream is high.</summary>
/// <param name="Name">The model's name; its service is named the same.</param>
/// <param name="Category">The stream's category.</param>
/// <param name="Entity">The entity of the views that it reads.</param>
internal sealed record StreamModel(string Name, string Category, string Entity)
{
    public static IReadOnlyList<StreamModel> All { get; } = [new("direction", "market", "market"), new("rush", "taxi", "weekday")];

    /// <summary>Whether it reads a view.</summary>
    public bool Takes(StreamView view) => view.Entity == Entity;

    /// <summary>A row's entity.</summary>
    public string KeyOf(StreamFile file, StreamRow row) => Entity == "weekday" ? row.Part : file.Key;
}

/// <summary>A view over a stream, and the service of all of its features.</summary>
/// <param name="Name">The view's name; the service is named the same.</param>
/// <param name="File">The stream.</param>
/// <param name="Entity">The entity's name.</param>
/// <param name="Features">The features, in order.</param>
internal sealed record StreamView(string Name, StreamFile File, string Entity, IReadOnlyList<StreamFeature> Features)
{
    /// <summary>Whether the parts of the stream are the entities, or the stream itself is.</summary>
    public bool IsOfParts { get; init; }

    /// <summary>Whether only high rows are events of the view.</summary>
    public bool IsOfHigh { get; init; }

    /// <summary>A row's entity.</summary>
    public string KeyOf(StreamRow row) => IsOfParts ? row.Part : File.Key;

    /// <summary>The views over both streams: every window kind, and every aggregate over each stream.</summary>
    public static IReadOnlyList<StreamView> Of(StreamFile market, StreamFile taxi)
    {
        var (ofMarket, ofTaxi) = (new Deal(2), new Deal(2));
        return
        [
            new("market", market, "market", ofMarket.Features(StreamWindow.OfMarket)),
            new("high", market, "market", ofMarket.Features(StreamWindow.OfHighMarket)) { IsOfHigh = true },
            new("slots", market, "slot", ofMarket.Features(StreamWindow.OfSlots)) { IsOfParts = true },
            new("taxi", taxi, "weekday", ofTaxi.Features(StreamWindow.OfTaxi)) { IsOfParts = true },
        ];
    }

    /// <summary>The definitions of some views: contracts, entities, the views, a service each, and the models with theirs.</summary>
    public static string Definitions(IReadOnlyList<StreamView> views)
    {
        var yaml = new StringBuilder();
        foreach (var file in views.Select(view => view.File).Distinct()) yaml.AppendLine(Contract(file));
        foreach (var entity in views.Select(view => view.Entity).Distinct())
            yaml.AppendLine($$"""
                ---
                apiVersion: eventfeatures/v1
                kind: Entity
                name: {{entity}}
                keys: [ { name: {{entity}}, type: string } ]
                """);
        foreach (var view in views) yaml.AppendLine(view.Definition()).AppendLine(Service(view.Name, view.Features.Select(feature => $"{{ feature: {view.Name}__{feature.Name}, name: {feature.Name} }}")));
        foreach (var model in StreamModel.All)
            yaml.AppendLine(Service(model.Name, views.Where(model.Takes).SelectMany(view => view.Features.Where(feature => feature.IsInput)
                .Select(feature => $"{{ feature: {view.Name}__{feature.Name}, missing: {{ default: 0 }} }}")))).AppendLine($"""
                ---
                apiVersion: eventfeatures/v1
                kind: Model
                name: {model.Name}
                version: 1
                service: {model.Name}@v1
                threshold: 0.5
                """);
        return yaml.ToString();
    }

    private string Definition() => $$"""
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: {{Name}}
        version: 1
        entity: {{Entity}}
        source: { contract: streams.{{File.Category}}/1{{(IsOfHigh ? ", where: flag" : "")}} }{{(IsOfParts ? "\nkey: [part]" : "")}}
        features:
        {{string.Join('\n', Features.Select(feature => $"  - {feature.Yaml}"))}}
        """;

    private static string Service(string name, IEnumerable<string> features) => $$"""
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: {{name}}
        version: 1
        features:
        {{string.Join('\n', features.Select(feature => $"  - {feature}"))}}
        """;

    private static string Contract(StreamFile file) => $$"""
        ---
        apiVersion: v3.1.0
        kind: DataContract
        id: streams.{{file.Category}}
        name: streams.{{file.Category}}
        version: 1.0.0
        status: active
        schema:
          - name: {{file.Type}}
            logicalType: object
            properties:
              - { name: number, logicalType: number, required: true }
              - { name: exact, logicalType: number, physicalType: decimal, required: true }
              - { name: whole, logicalType: integer, required: true }
              - { name: word, logicalType: string, required: true }
              - { name: flag, logicalType: boolean, required: true }
              - { name: maybe, logicalType: number }
              - { name: vector, logicalType: array, items: { logicalType: integer } }
              - { name: part, logicalType: string, required: true }
              - { name: occurred_at, logicalType: timestamp, required: true }
        customProperties:
          - { property: eventfeatures.category, value: {{file.Category}} }
          - { property: eventfeatures.eventTime, value: occurred_at }
          - { property: eventfeatures.onViolation, value: reject }
        """;

    /// <summary>Deals the aggregates out to one window after the other, so that each comes up again and again and beside other windows.</summary>
    private sealed class Deal(int perWindow)
    {
        private readonly List<StreamAggregate> _waiting = [.. StreamAggregate.Others];

        public IReadOnlyList<StreamFeature> Features(IEnumerable<StreamWindow> windows) => [.. windows.SelectMany(window =>
        {
            var dealt = _waiting.Where(aggregate => aggregate.IsFor(window)).Take(perWindow).ToList();
            _waiting.RemoveAll(dealt.Contains);
            _waiting.AddRange(dealt);
            return dealt.Prepend(StreamAggregate.Count).Select(aggregate => new StreamFeature($"{window.Name}_{aggregate.Name}", window, aggregate));
        })];
    }

    /// <summary>The aggregates that no feature of some views is about.</summary>
    public static IEnumerable<string> Missing(IEnumerable<StreamView> views)
    {
        var said = views.SelectMany(view => view.Features).Select(feature => feature.Yaml).ToList();
        return AggregateCatalog.Names.Where(name => !said.Exists(yaml => yaml.Contains($"aggregate: {name},", StringComparison.Ordinal) || yaml.Contains($"aggregate: {name} }}", StringComparison.Ordinal)));
    }
}
