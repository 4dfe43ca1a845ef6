using EventFeatures.Core.Models;
using Google.Protobuf;

namespace EventFeatures.Inference.Graphs;

/// <summary>Looks into a model's bytes before the runtime gets them.</summary>
internal static class GraphReader
{
    /// <summary>Parses the bytes and refuses a model whose weights lie outside them.</summary>
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
        if (ExternalTensor(model.Graph) is { } tensor)
            throw new ModelInvalidException(
                $"Model {digest} keeps its tensor '{tensor}' in another file, which its digest does not cover. Export it with all weights inside.");
        return model;
    }

    // External weights would be read from whatever file lies at that path on this machine: neither reproducible nor safe.
    private static string? ExternalTensor(GraphProto graph) =>
        graph.Initializer.Concat(Attributes(graph).SelectMany(Tensors))
            .FirstOrDefault(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External)?.Name
        ?? Attributes(graph).SelectMany(Graphs).Select(ExternalTensor).FirstOrDefault(name => name is not null);

    private static IEnumerable<AttributeProto> Attributes(GraphProto graph) => graph.Node.SelectMany(node => node.Attribute);

    private static IEnumerable<TensorProto> Tensors(AttributeProto attribute) =>
        attribute.T is null ? attribute.Tensors : attribute.Tensors.Append(attribute.T);

    private static IEnumerable<GraphProto> Graphs(AttributeProto attribute) =>
        attribute.G is null ? attribute.Graphs : attribute.Graphs.Append(attribute.G);
}
