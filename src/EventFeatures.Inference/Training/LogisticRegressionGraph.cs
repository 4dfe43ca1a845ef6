using System.Buffers.Binary;
using System.Text.Json;
using EventFeatures.Inference.Graphs;
using Google.Protobuf;

namespace EventFeatures.Inference.Training;

/// <summary>
/// Writes a fitted logistic regression as ONNX:
/// <c>sigmoid(((isnan(x) ? mean : x) - mean) * inverse_scale * weights + intercept)</c> in float32.
/// </summary>
internal static class LogisticRegressionGraph
{
    // Pinned, so that neither a newer library nor a newer runtime changes a model's bytes or meaning.
    private const long IrVersion = 8;
    private const long OpsetVersion = 17;

    public static byte[] Write(float[] means, float[] inverseScales, float[] weights, float intercept, IReadOnlyList<string> featureNames)
    {
        var features = weights.Length;
        var graph = new GraphProto
        {
            Name = "logistic_regression",
            Input = { Tensor("features", features) },
            Output = { Tensor("probability", 1) },
            Initializer =
            {
                Constant("mean", [features], means),
                Constant("inverse_scale", [features], inverseScales),
                Constant("weights", [features, 1], weights),
                Constant("intercept", [1], [intercept]),
            },
            Node =
            {
                Node("IsNaN", "missing", "features"),
                Node("Where", "imputed", "missing", "mean", "features"),
                Node("Sub", "centred", "imputed", "mean"),
                Node("Mul", "standardised", "centred", "inverse_scale"),
                Node("MatMul", "weighted", "standardised", "weights"),
                Node("Add", "logit", "weighted", "intercept"),
                Node("Sigmoid", "probability", "logit"),
            },
        };
        return new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "eventfeatures",
            ProducerVersion = "1",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = OpsetVersion } },
            MetadataProps =
            {
                new StringStringEntryProto { Key = "feature_names", Value = JsonSerializer.Serialize(featureNames) },
                new StringStringEntryProto { Key = "kind", Value = "logistic_regression" },
            },
        }.ToByteArray();
    }

    private static NodeProto Node(string operation, string output, params string[] inputs) =>
        new() { OpType = operation, Name = output, Input = { inputs }, Output = { output } };

    private static ValueInfoProto Tensor(string name, int width) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)TensorProto.Types.DataType.Float,
                Shape = new TensorShapeProto
                {
                    Dim =
                    {
                        new TensorShapeProto.Types.Dimension { DimParam = "N" },
                        new TensorShapeProto.Types.Dimension { DimValue = width },
                    },
                },
            },
        },
    };

    private static TensorProto Constant(string name, long[] dimensions, float[] values)
    {
        // The format's raw data is little-endian on every machine.
        var raw = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), values[i]);
        return new TensorProto
        {
            Name = name,
            Dims = { dimensions },
            DataType = (int)TensorProto.Types.DataType.Float,
            RawData = ByteString.CopyFrom(raw),
        };
    }
}
