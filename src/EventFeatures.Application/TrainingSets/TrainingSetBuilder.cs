using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets.Joining;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.TrainingSets;

/// <summary>
/// Joins a service's features onto a spine of any length and checks every point for leaks. The spine is read once; rows,
/// points and values that do not fit in memory wait on disk, beside the file that is made of them.
/// </summary>
internal sealed class TrainingSetBuilder(IRegistry registry, IBatchViews batch, IEventLog log, ITrainingSetWriter writer, TrainingSetOptions options)
{
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromMinutes(2);

    /// <summary>Reads and checks the whole spine.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="hear">Hears every row, in order.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<TrainingSetWork> SpoolAsync(BuildTrainingSet request, Action<SpineRow>? hear, CancellationToken cancellation)
    {
        var service = ServiceCatalog.Find(registry.Current, request.Service);
        var knownAt = await KnownAtPosition.OfAsync(log, request.KnownAt, cancellation);
        await batch.CaughtUpAsync([.. service.Views.Select(view => view.Reference)], knownAt, CatchUpMax, cancellation);
        var folder = Path.GetDirectoryName(Path.GetFullPath(request.Path))!;
        Directory.CreateDirectory(folder);
        var spine = new SpooledSpine(service, knownAt, folder, options);
        try
        {
            var dossiers = new DossierReader();
            await foreach (var row in Rows(request, dossiers, knownAt, folder, cancellation))
            {
                spine.Add(row);
                hear?.Invoke(row);
            }
            return new TrainingSetWork(request, spine, spine.Finish(), knownAt, folder, batch, writer, options) { Unreadable = dossiers.Unreadable };
        }
        catch
        {
            spine.Dispose();
            throw;
        }
    }

    private IAsyncEnumerable<SpineRow> Rows(BuildTrainingSet request, DossierReader dossiers, Position knownAt, string folder, CancellationToken cancellation) =>
        request.FromPredictionsOf is { } model ? PredictionSpine.ReadAsync(log, dossiers, model, knownAt, folder, options, cancellation)
        : request.Rows ?? request.Spine.ToAsyncEnumerable();
}
