using System.Text;
using EventFeatures.Inference.Graphs;
using EventFeatures.Inference.Training;
using Google.Protobuf;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Models;

/// <summary>Models of others: which are accepted, and what is said of those that are not.</summary>
public class ModelShapeTests : IAsyncLifetime
{
    private readonly TemporaryStore _models = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _models.DisposeAsync().AsTask();

    [Fact]
    public async Task Two_class_probabilities_are_read_at_the_positive_class()
    {
        // concat(1 - p, p), as exporters of classifiers write it.
        var two = Change(model =>
        {
            var graph = model.Graph;
            graph.Initializer.Add(new TensorProto { Name = "one", Dims = { 1 }, DataType = 1, RawData = ByteString.CopyFrom(BitConverter.GetBytes(1f)) });
            graph.Node.Add(new NodeProto { OpType = "Sub", Input = { "one", "probability" }, Output = { "complement" } });
            var axis = AttributeProto.Parser.ParseFrom(new byte[] { 0x0a, 4, (byte)'a', (byte)'x', (byte)'i', (byte)'s', 0x18, 1, 0xa0, 1, 2 });
            graph.Node.Add(new NodeProto { OpType = "Concat", Input = { "complement", "probability" }, Output = { "probabilities" }, Attribute = { axis } });
            graph.Output[0].Name = "probabilities";
            graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue = 2;
        });
        using var model = await _models.LoadAsync(two, 2);
        using var one = await _models.LoadAsync(Trained(), 2);
        model.Score([0.5f, 1]).ShouldBe(one.Score([0.5f, 1]));
    }

    [Fact]
    public async Task A_flat_probability_is_accepted()
    {
        var flat = Change(model =>
        {
            var graph = model.Graph;
            graph.Initializer.Add(new TensorProto { Name = "shape", Dims = { 1 }, DataType = 7, RawData = ByteString.CopyFrom(BitConverter.GetBytes(1L)) });
            graph.Node[^1].Output[0] = "square";
            graph.Node.Add(new NodeProto { OpType = "Reshape", Input = { "square", "shape" }, Output = { "probability" } });
            graph.Output[0].Type.TensorType.Shape.Dim.RemoveAt(1);
        });
        using var model = await _models.LoadAsync(flat, 2);
        using var square = await _models.LoadAsync(Trained(), 2);
        model.Score([0.5f, 1]).ShouldBe(square.Score([0.5f, 1]));
    }

    [Fact]
    public async Task A_model_for_another_number_of_features_is_refused() =>
        (await _models.RefusalAsync(Trained(), 3)).ShouldContain("takes 'features' float32 [any, 2], but must have 'features' as float32 [1, 3]");

    [Fact]
    public async Task An_input_of_another_name_is_refused() =>
        (await _models.RefusalAsync(Change(model =>
        {
            model.Graph.Input[0].Name = "X";
            foreach (var node in model.Graph.Node)
                for (var input = 0; input < node.Input.Count; input++)
                    if (node.Input[input] == "features") node.Input[input] = "X";
        }), 2)).ShouldContain("takes 'X' float32 [any, 2], but must have one input named 'features'");

    [Fact]
    public async Task An_output_that_is_not_a_probability_is_refused() =>
        (await _models.RefusalAsync(Change(model =>
        {
            model.Graph.Node[^1].Output[0] = "score";
            model.Graph.Output[0].Name = "score";
        }), 2)).ShouldContain("gives 'score' float32 [any, 1], but must have an output 'probability'");

    [Fact]
    public async Task A_score_above_one_is_refused() =>
        (await _models.RefusalAsync(Change(model =>
        {
            model.Graph.Node[^1].OpType = "Exp";
            model.Graph.Initializer.Single(tensor => tensor.Name == "intercept").RawData = ByteString.CopyFrom(BitConverter.GetBytes(9f));
        }), 2)).ShouldContain("which is not a probability");

    [Fact]
    public async Task Weights_in_another_file_are_refused() =>
        (await _models.RefusalAsync(Change(model =>
            model.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External), 2)).ShouldContain("keeps its tensor 'mean' in another file");

    [Fact]
    public async Task Weights_in_another_file_are_refused_also_where_they_are_sparse()
    {
        var elsewhere = new TensorProto { Name = "weights", DataLocation = TensorProto.Types.DataLocation.External };
        var attribute = new AttributeProto { Name = "sparse_value", SparseTensor = new SparseTensorProto { Values = elsewhere } };
        Action<ModelProto>[] ways =
        [
            model => model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = elsewhere }),
            model => model.Graph.SparseInitializer.Add(new SparseTensorProto { Indices = elsewhere }),
            model => model.Graph.Node.Add(new NodeProto { OpType = "Constant", Output = { "weights" }, Attribute = { attribute } }),
            model => model.Functions.Add(new FunctionProto { Name = "weighing", AttributeProto = { attribute } }),
        ];
        foreach (var way in ways) (await _models.RefusalAsync(Change(way), 2)).ShouldContain("keeps its tensor 'weights' in another file");
    }

    [Theory]
    [InlineData("RandomNormalLike")]
    [InlineData("RandomUniform")]
    [InlineData("Bernoulli")]
    [InlineData("Multinomial")]
    public async Task A_random_operator_is_refused_wherever_it_stands(string operation)
    {
        var random = new NodeProto { OpType = operation, Name = "noise", Input = { "logit" }, Output = { "noise" } };
        var inner = new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = new GraphProto { Node = { random } } } } };
        var function = new FunctionProto { Name = "noisy", Node = { inner } };

        (await _models.RefusalAsync(Change(model => model.Graph.Node.Add(random)), 2)).ShouldContain($"has the random operator {operation} (node 'noise')");
        (await _models.RefusalAsync(Change(model => model.Graph.Node.Add(inner)), 2)).ShouldContain($"has the random operator {operation}");
        (await _models.RefusalAsync(Change(model => model.Functions.Add(function)), 2)).ShouldContain($"has the random operator {operation}");
    }

    [Fact]
    public async Task A_dropout_is_refused_only_where_it_may_be_switched_on()
    {
        (await _models.RefusalAsync(WithDropout("on"), 2)).ShouldContain("has the random operator Dropout");
        using var model = await _models.LoadAsync(WithDropout(), 2);
        using var without = await _models.LoadAsync(Trained(), 2);
        model.Score([0.5f, 1]).ShouldBe(without.Score([0.5f, 1]));

        static byte[] WithDropout(params string[] training) => Change(model =>
        {
            var graph = model.Graph;
            graph.Initializer.Add(new TensorProto { Name = "share", DataType = 1, RawData = ByteString.CopyFrom(BitConverter.GetBytes(0.5f)) });
            graph.Node[^1].Input[0] = "kept";
            graph.Node.Insert(graph.Node.Count - 1, new NodeProto { OpType = "Dropout", Input = { (string[])["logit", "share", .. training] }, Output = { "kept" } });
        });
    }

    [Fact]
    public async Task An_unknown_operation_is_refused_with_the_runtimes_reason() =>
        (await _models.RefusalAsync(Change(model => model.Graph.Node[^1].OpType = "Guess"), 2)).ShouldContain("cannot be run by ONNX Runtime");

    [Fact]
    public async Task Bytes_that_are_no_model_are_refused()
    {
        (await _models.RefusalAsync(Encoding.UTF8.GetBytes("<html>Not found</html>"), 2)).ShouldContain("is not an ONNX file");
        (await _models.RefusalAsync([], 2)).ShouldContain("holds no ONNX graph");
        var trained = Trained();
        (await _models.RefusalAsync(trained[..(trained.Length / 2)], 2)).ShouldContain("is not an ONNX file");
    }

    [Fact]
    public async Task No_damaged_byte_crashes_the_process_or_passes_for_the_model()
    {
        var trained = Trained();
        for (var at = 0; at < trained.Length; at += 3)
        {
            var damaged = (byte[])trained.Clone();
            damaged[at] ^= 0x41;
            // Some bytes carry names or weights, and their change is another valid model under another digest.
            var refusal = await _models.RefusalAsync(damaged, 2);
            refusal.Length.ShouldBeInRange(1, 1_000);
        }
    }

    private static byte[] Trained()
    {
        var (rows, labels) = SyntheticRows.Draw(300, 0, [1, -1]);
        return new LogisticRegressionTrainer().Train(rows, labels, ["a", "b"]).Onnx;
    }

    private static byte[] Change(Action<ModelProto> change)
    {
        var model = ModelProto.Parser.ParseFrom(Trained());
        change(model);
        return model.ToByteArray();
    }
}
