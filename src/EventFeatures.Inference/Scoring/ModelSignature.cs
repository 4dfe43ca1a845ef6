using EventFeatures.Core.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EventFeatures.Inference.Scoring;

/// <summary>Where a model takes its vector and where in which output its probability stands.</summary>
/// <param name="OutputName">The output to read.</param>
/// <param name="OutputShape">That output's shape for one row.</param>
/// <param name="Index">Which element of it is the probability of the positive class.</param>
internal sealed record ModelSignature(string OutputName, long[] OutputShape, int Index)
{
    public const string InputName = "features";

    // -1 is a dimension that the model leaves open, as exporters do for the batch.
    private const int Open = -1;

    /// <summary>Checks that the model takes <paramref name="inputCount"/> floats and gives a probability.</summary>
    /// <exception cref="ModelInvalidException">It does not; the message says what it has instead.</exception>
    public static ModelSignature Of(InferenceSession session, string digest, int inputCount)
    {
        if (session.InputMetadata.Count != 1 || !session.InputMetadata.TryGetValue(InputName, out var input))
            throw Refused(digest, $"takes {List(session.InputMetadata)}", $"one input named '{InputName}', float32 [1, {inputCount}]");
        if (!IsFloat(input) || input.Dimensions is not [Open or 1, var width] || (width != inputCount && width != Open))
            throw Refused(digest, $"takes {List(session.InputMetadata)}", $"'{InputName}' as float32 [1, {inputCount}], for the {inputCount} features of its service");

        foreach (var (name, output) in session.OutputMetadata)
            if (name == "probability" && IsFloat(output) && output.Dimensions is [Open or 1] or [Open or 1, Open or 1])
                return new ModelSignature(name, [.. output.Dimensions.Select(_ => 1L)], 0);
        foreach (var (name, output) in session.OutputMetadata)
            if (name == "probabilities" && IsFloat(output) && output.Dimensions is [Open or 1, 2])
                return new ModelSignature(name, [1, 2], 1);
        throw Refused(digest, $"gives {List(session.OutputMetadata)}",
            "an output 'probability' as float32 [1, 1] or [1], or 'probabilities' as float32 [1, 2] (in scikit-learn's exporter: zipmap=False)");
    }

    private static bool IsFloat(NodeMetadata node) =>
        node.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR && node.ElementDataType == TensorElementType.Float;

    private static ModelInvalidException Refused(string digest, string has, string wanted) =>
        new($"Model {digest} {has}, but must have {wanted}. Export it so, or name the feature service that it was trained on.");

    private static string List(IReadOnlyDictionary<string, NodeMetadata> nodes) =>
        nodes.Count == 0 ? "nothing" : string.Join(" and ", nodes.Take(8).Select(node => $"'{node.Key}' {Type(node.Value)}"));

    private static string Type(NodeMetadata node)
    {
        if (node.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
            return node.OnnxValueType.ToString().Replace("ONNX_TYPE_", "", StringComparison.Ordinal).ToLowerInvariant();
        var element = node.ElementDataType == TensorElementType.Float ? "float32" : node.ElementDataType.ToString().ToLowerInvariant();
        return $"{element} [{string.Join(", ", node.Dimensions.Select(size => size < 0 ? "any" : $"{size}"))}]";
    }
}
