using EventFeatures.Core.Definitions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EventFeatures.Application.Definitions;

/// <summary>Builds the nodes of one YAML document.</summary>
internal sealed class YamlNodes(string file, IParser parser, IssueList issues)
{
    private const int DepthMax = 64;
    private const int NodesMax = 100_000;

    private readonly Dictionary<string, (DocumentNode Node, int Size, int Height)> _anchors = [];
    private int _depth;
    private int _deepest;
    private int _count;

    /// <summary>Reads the node at which the parser stands.</summary>
    public DocumentNode Read()
    {
        var (before, start) = (_count, parser.Current!.Start);
        Count(1, start);
        if (parser.TryConsume<AnchorAlias>(out var alias)) return Expand(alias);
        var anchor = (parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        Descend(1, start);
        var (above, outside) = (_depth++, _deepest);
        _deepest = _depth;
        DocumentNode node = parser.Current switch
        {
            SequenceStart => Sequence(),
            MappingStart => Mapping(),
            _ => YamlScalar.Read(file, parser.Consume<Scalar>(), issues),
        };
        _depth--;
        if (!anchor.IsEmpty) _anchors[anchor.Value] = (node, _count - before, _deepest - above);
        _deepest = Math.Max(_deepest, outside);
        return node;
    }

    private SequenceNode Sequence()
    {
        var start = parser.Consume<SequenceStart>().Start;
        var items = new List<DocumentNode>();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Read());
        return new SequenceNode(items, (int)start.Line, (int)start.Column);
    }

    private MappingNode Mapping()
    {
        var start = parser.Consume<MappingStart>().Start;
        var entries = new List<MappingEntry>();
        var lines = new Dictionary<string, int>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var mark = parser.Current!.Start;
            var keyNode = Read();
            var value = Read();
            var line = (int)mark.Line;
            if (keyNode is not ScalarNode scalar)
                issues.Add(new DefinitionIssue("key-invalid", $"A key has to be a text, but this is {keyNode.Describe()}. Write key: value.") { File = file, Line = line });
            else if (lines.TryAdd(scalar.Text, line))
                entries.Add(new MappingEntry(scalar.Text, value, line, (int)mark.Column));
            else
                issues.Add(JsonDocuments.DuplicateKey(file, scalar.Text, line, lines[scalar.Text]));
        }
        return new MappingNode(entries, (int)start.Line, (int)start.Column);
    }

    /// <summary>An alias counts for all that it stands for, or a few lines could expand to billions of nodes or nest without end.</summary>
    private DocumentNode Expand(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
            throw new YamlBoundException("yaml-alias-unknown", $"The alias '*{alias.Value.Value}' has no anchor '&{alias.Value.Value}' before it.", (int)alias.Start.Line);
        Count(anchored.Size, alias.Start);
        Descend(anchored.Height, alias.Start);
        _deepest = Math.Max(_deepest, _depth + anchored.Height);
        return anchored.Node;
    }

    private void Descend(int levels, Mark at)
    {
        if (_depth + levels > DepthMax)
            throw new YamlBoundException("yaml-too-deep", $"The document is nested more than {DepthMax} levels deep, aliases expanded. Nest it less.", (int)at.Line);
    }

    private void Count(int nodes, Mark at)
    {
        _count += nodes;
        if (_count > NodesMax)
            throw new YamlBoundException("yaml-too-many-nodes", $"The document has more than {NodesMax:N0} nodes, aliases expanded. Split it.", (int)at.Line);
    }
}
