using EventFeatures.Core.Models;
using Google.Protobuf;

namespace EventFeatures.Inference.Graphs;

/// <summary>Looks into a model's bytes before the runtime gets them.</summary>
internal static class GraphReader
{
    // Even a seed fixes only the first draw of a session, not that of a later replay.
    private static readonly HashSet<string> RandomOperators = new(StringComparer.Ordinal)
    {
        "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial", "Sampling",
    };

    private static readonly HashSet<string> DropoutOperators = new(StringComparer.Ordinal) { "Dropout", "BitmaskDropout", "BiasDropout", "BitmaskBiasDropout", "TrainableDropout" };

    /// <summary>Parses the bytes and refuses a model whose scores do not follow from them alone.</summary>
    public static ModelProto Read(byte[] bytes, string digest)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException notProtobuf)
        {
            throw new ModelInvalidException(
                $"Model {digest} ({bytes.Length:N0} bytes) is not an ONNX file. Export the model to ONNX and register that file.", notProtobuf);
        }
        if (model.Graph is null || model.OpsetImport.Count == 0)
            throw new ModelInvalidException(
                $"Model {digest} ({bytes.Length:N0} bytes) holds no ONNX graph. Export the model to ONNX and register that file.");
        var nodes = model.Graph.Node.Concat(model.Functions.SelectMany(function => function.Node)).SelectMany(WithInner).ToList();
        if (ExternalTensor(model, nodes) is { } tensor)
            throw new ModelInvalidException(
                $"Model {digest} keeps its tensor '{tensor}' in another file, which its digest does not cover. Export it with all weights inside.");
        if (nodes.Find(IsRandom) is { } random)
            throw new ModelInvalidException(
                $"Model {digest} has the random operator {random.OpType} (node '{random.Name}'): no replay would give its scores again. Export it for inference, without it.");
        return model;
    }

    // External weights would be read from whatever file lies at that path on this machine: neither reproducible nor safe.
    private static string? ExternalTensor(ModelProto model, List<NodeProto> nodes)
    {
        var attributes = nodes.SelectMany(node => node.Attribute).Concat(model.Functions.SelectMany(function => function.AttributeProto)).ToList();
        return attributes.SelectMany(Graphs).Prepend(model.Graph).SelectMany(Tensors).Concat(attributes.SelectMany(Tensors))
            .FirstOrDefault(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External)?.Name;
    }

    // A dropout is random in training alone, which its third input switches on; exporters leave that out, or empty.
    private static bool IsRandom(NodeProto node) =>
        RandomOperators.Contains(node.OpType) || (DropoutOperators.Contains(node.OpType) && node.Input.Skip(2).Any(input => input.Length > 0));

    private static IEnumerable<NodeProto> WithInner(NodeProto node) =>
        node.Attribute.SelectMany(Graphs).SelectMany(graph => graph.Node).SelectMany(WithInner).Prepend(node);

    private static IEnumerable<TensorProto> Tensors(GraphProto graph) => graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Parts));

    private static IEnumerable<TensorProto> Tensors(AttributeProto attribute) =>
        Given(attribute.T).Concat(attribute.Tensors).Concat(Given(attribute.SparseTensor).Concat(attribute.SparseTensors).SelectMany(Parts));

    private static IEnumerable<TensorProto> Parts(SparseTensorProto sparse) => Given(sparse.Values).Concat(Given(sparse.Indices));

    private static IEnumerable<T> Given<T>(T? part) where T : class => part is null ? [] : [part];

    private static IEnumerable<GraphProto> Graphs(AttributeProto attribute) =>
        attribute.G is null ? attribute.Graphs : attribute.Graphs.Append(attribute.G);
}
