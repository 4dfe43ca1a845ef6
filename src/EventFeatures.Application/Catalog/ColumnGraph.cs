namespace EventFeatures.Application.Catalog;

/// <summary>
/// What is computed from what, column by column: from contracts' fields over views' features and services' inputs to
/// models. A pure function of the registry; it says nothing of any event or value.
/// </summary>
public sealed class ColumnGraph
{
    private readonly Dictionary<ColumnNode, List<ColumnEdge>> _into = [];
    private readonly Dictionary<ColumnNode, List<ColumnEdge>> _outOf = [];
    private readonly HashSet<ColumnNode> _nodes = [];

    internal ColumnGraph(IEnumerable<ColumnNode> nodes, IEnumerable<ColumnEdge> edges)
    {
        _nodes.UnionWith(nodes);
        Edges = [.. edges.Distinct()];
        foreach (var edge in Edges)
        {
            _nodes.Add(edge.From);
            _nodes.Add(edge.To);
            ListOf(_outOf, edge.From).Add(edge);
            ListOf(_into, edge.To).Add(edge);
        }
    }

    /// <summary>Every column, service and model.</summary>
    public IReadOnlyCollection<ColumnNode> Nodes => _nodes;

    /// <summary>Every use, in the order in which the definitions were applied.</summary>
    public IReadOnlyList<ColumnEdge> Edges { get; }

    /// <summary>Whether there is such a node.</summary>
    public bool Has(ColumnNode node) => _nodes.Contains(node);

    /// <summary>The uses that lead into a node.</summary>
    public IReadOnlyList<ColumnEdge> Into(ColumnNode node) => _into.GetValueOrDefault(node) ?? [];

    /// <summary>All that some nodes rest on, the nearest first; each use once.</summary>
    public IReadOnlyList<ColumnStep> Upstream(IReadOnlyCollection<ColumnNode> from) => Follow(from, _into, edge => edge.From);

    /// <summary>All that rests on some nodes, the nearest first; each use once.</summary>
    public IReadOnlyList<ColumnStep> Downstream(IReadOnlyCollection<ColumnNode> from) => Follow(from, _outOf, edge => edge.To);

    private static IReadOnlyList<ColumnStep> Follow(
        IReadOnlyCollection<ColumnNode> from, Dictionary<ColumnNode, List<ColumnEdge>> along, Func<ColumnEdge, ColumnNode> next)
    {
        var steps = new List<ColumnStep>();
        var seen = new HashSet<ColumnNode>(from);
        var level = from.ToList();
        // What is seen is not followed again, so that a circle, such as a view of a model's own predictions, ends.
        for (var distance = 1; level.Count > 0; distance++)
        {
            var beyond = new List<ColumnNode>();
            foreach (var edge in level.SelectMany(node => along.GetValueOrDefault(node) ?? []))
            {
                steps.Add(new ColumnStep(edge, distance));
                if (seen.Add(next(edge))) beyond.Add(next(edge));
            }
            level = beyond;
        }
        return steps;
    }

    private static List<ColumnEdge> ListOf(Dictionary<ColumnNode, List<ColumnEdge>> edges, ColumnNode node) =>
        edges.TryGetValue(node, out var list) ? list : edges[node] = [];
}

/// <summary>What a node of the graph is.</summary>
public enum ColumnKind : byte
{
    /// <summary>A field of a contract's events.</summary>
    Field,

    /// <summary>A value that a request brings to a service.</summary>
    Context,

    /// <summary>A feature of a view.</summary>
    Feature,

    /// <summary>An input of a service: a view's feature, or an on-demand one.</summary>
    Input,

    /// <summary>A service as a whole.</summary>
    Service,

    /// <summary>A model family.</summary>
    Model,
}

/// <summary>A column, or a service or model as a whole.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">Whose it is: <c>payments.authorisation/1</c>, <c>card_activity@v1</c>, <c>fraud@v1</c>; of a model, its name.</param>
/// <param name="Name">Its name there; empty for a service or model as a whole.</param>
public sealed record ColumnNode(ColumnKind Kind, string Owner, string Name)
{
    /// <summary>How it is written for people, and asked for.</summary>
    public override string ToString() => Kind switch
    {
        ColumnKind.Service or ColumnKind.Model => Owner,
        ColumnKind.Feature when Owner.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at => $"{Owner[..at]}__{Name}{Owner[at..]}",
        ColumnKind.Context => $"{Owner}#context.{Name}",
        _ => $"{Owner}#{Name}",
    };
}

/// <summary>One way in which one column is used for another.</summary>
/// <param name="From">What is used.</param>
/// <param name="To">What it is used for.</param>
/// <param name="Use">In which way.</param>
/// <param name="Text">The part of the definition that says so, for people; empty where none does.</param>
public sealed record ColumnEdge(ColumnNode From, ColumnNode To, ColumnUsage Use, string Text);

/// <summary>An edge, and how far it lies from what was asked about.</summary>
/// <param name="Edge">The edge.</param>
/// <param name="Distance">From 1, for what touches it.</param>
public sealed record ColumnStep(ColumnEdge Edge, int Distance);
