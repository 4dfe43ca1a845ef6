using EventFeatures.Core.Models;
using EventFeatures.Inference.Scoring;

namespace EventFeatures.IntegrationTests.Models;

/// <summary>A model store in a folder of its own, and a scorer over it.</summary>
public sealed class TemporaryStore : IAsyncDisposable
{
    public TemporaryStore(TimeSpan? warmUp = null, long? bytesLoadedMax = null)
    {
        Folder = Directory.CreateTempSubdirectory("eventfeatures-models-").FullName;
        Store = new FileModelStore(Folder);
        Scorer = new OnnxScorer(Store, warmUp, bytesLoadedMax);
    }

    public string Folder { get; }

    public FileModelStore Store { get; }

    public OnnxScorer Scorer { get; }

    public async Task<IReadyModel> LoadAsync(byte[] onnx, int inputCount) => await Scorer.LoadAsync(await Store.PutAsync(onnx), inputCount);

    public async Task<string> RefusalAsync(byte[] onnx, int inputCount)
    {
        try
        {
            (await LoadAsync(onnx, inputCount)).Dispose();
        }
        catch (ModelInvalidException refused)
        {
            return refused.Message;
        }
        return "it was loaded";
    }

    public async ValueTask DisposeAsync()
    {
        await Scorer.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
