using EventFeatures.Inference.Graphs;
using Google.Protobuf;

namespace EventFeatures.IntegrationTests.Models;

/// <summary>Models that the built-in trainer would not write, and a user may bring.</summary>
internal static class OddModels
{
    private const int Float = 1, Int64 = 7, Bool = 9;

    /// <summary>The logistic function of the mean of as many features as there are.</summary>
    /// <param name="name">Of its output node: another one is another digest.</param>
    public static byte[] MeanOfAnyWidth(string name = "mean")
    {
        var axes = Attribute(new AttributeProto { Name = "axes" }, type: 7, more: [0x42, 1, 1]);
        return Model([
            new NodeProto { OpType = "ReduceMean", Input = { "features" }, Output = { name }, Attribute = { axes } },
            new NodeProto { OpType = "Sigmoid", Input = { name }, Output = { "probability" } },
        ]);
    }

    /// <summary>A loop without a bound on its rounds, whose condition stays true.</summary>
    public static byte[] Endless()
    {
        var body = new GraphProto
        {
            Name = "round",
            Input = { Value("number", Int64), Value("go", Bool), Value("x", Float) },
            Output = { Value("go_on", Bool), Value("same", Float) },
            Node =
            {
                new NodeProto { OpType = "Identity", Input = { "go" }, Output = { "go_on" } },
                new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "same" } },
            },
        };
        var go = new TensorProto { Name = "started", DataType = Bool, RawData = ByteString.CopyFrom(1) };
        var axes = Attribute(new AttributeProto { Name = "axes" }, type: 7, more: [0x42, 1, 1]);
        return Model(
            [
                new NodeProto { OpType = "Loop", Input = { "", "started", "features" }, Output = { "looped" }, Attribute = { Attribute(new AttributeProto { Name = "body", G = body }, type: 5) } },
                new NodeProto { OpType = "ReduceMean", Input = { "looped" }, Output = { "mean" }, Attribute = { axes } },
                new NodeProto { OpType = "Sigmoid", Input = { "mean" }, Output = { "probability" } },
            ],
            go);
    }

    private static byte[] Model(NodeProto[] nodes, params TensorProto[] constants) => new ModelProto
    {
        IrVersion = 8,
        OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        Graph = new GraphProto
        {
            Name = "odd",
            Input = { Value("features", Float, new() { DimParam = "N" }, new() { DimParam = "W" }) },
            Output = { Value("probability", Float, new() { DimParam = "N" }, new() { DimValue = 1 }) },
            Initializer = { constants },
            Node = { nodes },
        },
    }.ToByteArray();

    private static ValueInfoProto Value(string name, int type, params TensorShapeProto.Types.Dimension[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = type };
        if (shape.Length > 0 || type != Float) tensor.Shape = new TensorShapeProto { Dim = { shape } };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    // The product reads no attribute's type (field 20) or whole numbers (field 8), so they are added as bytes.
    private static AttributeProto Attribute(AttributeProto attribute, byte type, params byte[] more) =>
        AttributeProto.Parser.ParseFrom([.. attribute.ToByteArray(), .. more, 0xa0, 1, type]);
}
