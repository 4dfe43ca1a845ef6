using System.Runtime.CompilerServices;
using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets.Joining;
using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets;

/// <summary>A training set whose spine is read and checked, and whose features are still to be joined.</summary>
internal sealed class TrainingSetWork : IDisposable
{
    private readonly BuildTrainingSet _request;
    private readonly SpooledSpine _spine;
    private readonly TrainingColumns _columns;
    private readonly Position _knownAt;
    private readonly IBatchViews _batch;
    private readonly ITrainingSetWriter _writer;
    private readonly TrainingSetOptions _options;
    private readonly SpillSort<ViewValues>[] _values;
    private readonly FirstFinding _findings = new();
    private readonly Lock _told = new();
    private long _joined;
    private long _leaks;
    private long _mismatches;
    private long _stated;
    private long _statedLater;

    public TrainingSetWork(
        BuildTrainingSet request, SpooledSpine spine, TrainingColumns columns, Position knownAt, string folder, IBatchViews batch, ITrainingSetWriter writer, TrainingSetOptions options)
    {
        (_request, _spine, _columns, _knownAt, _batch, _writer, _options) = (request, spine, columns, knownAt, batch, writer, options);
        _values = [.. spine.Service.Views.Select(view => new SpillSort<ViewValues>(
            folder, ViewValues.ByRow, new ViewValues.Format(),
            Math.Max(1, options.ValuesInMemoryMax / (spine.Service.Views.Count * Math.Max(1, view.View.View.Features.Count)))))];
    }

    /// <summary>What the spine left out because it cannot be read.</summary>
    public required UnreadableDossiers Unreadable { get; init; }

    /// <summary>The inputs' names, in the model's order.</summary>
    public IReadOnlyList<string> InputNames => _spine.Service.InputNames;

    /// <summary>Joins the features and writes file and manifest.</summary>
    /// <param name="hear">Hears every joined row, in the spine's order; what it holds is used again for the next one.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<TrainingSetBuilt> WriteAsync(Action<JoinedRow>? hear, CancellationToken cancellation)
    {
        for (var view = 0; view < _values.Length; view++)
            await new ViewJoin(_batch, _spine.Service.Views[view], _request, _knownAt, _options.PointsPerRead)
                .RunAsync(_spine.PointsOf(view), _values[view], _findings, Tell, cancellation);
        var fileDigest = await _writer.WriteAsync(_request.Path, _columns.Columns, WriteRows(hear, cancellation), cancellation);
        var leaks = new LeakReport(_spine.Count, _leaks, _mismatches, _findings.Text) { Stated = _stated, StatedLater = _statedLater };
        var (json, digest) = new Manifest(_spine.Service, _knownAt, _request.Knowledge, _spine.Count, _spine.Labelled, leaks, _columns.Columns, fileDigest).ToJson();
        var manifestPath = _request.Path + ".manifest.json";
        WholeFile.Write(manifestPath, json);
        return new TrainingSetBuilt(
            _request.Path, manifestPath, digest, fileDigest, _spine.Count, _spine.Labelled, _knownAt, _request.Knowledge == Knowledge.Latest, leaks, Unreadable);
    }

    public void Dispose()
    {
        _spine.Dispose();
        foreach (var values in _values) values.Dispose();
    }

    /// <summary>The rows in the spine's order, each view's values beside its row.</summary>
    private async IAsyncEnumerable<IReadOnlyList<Value>> WriteRows(Action<JoinedRow>? hear, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        var views = _values.Select(values => values.InOrder().GetEnumerator()).ToArray();
        try
        {
            var row = 0L;
            var scratch = new RowScratch(_spine.Service, _columns.Columns.Count);
            foreach (var spine in _spine.Rows())
            {
                cancellation.ThrowIfCancellationRequested();
                var joined = Next(spine, row++, views, scratch);
                hear?.Invoke(joined);
                _columns.Read(joined, scratch.Columns);
                yield return scratch.Columns;
            }
        }
        finally
        {
            foreach (var view in views) view.Dispose();
        }
    }

    private JoinedRow Next(SpineRow spine, long row, IEnumerator<ViewValues>[] views, RowScratch scratch)
    {
        var (isLeak, isMismatch, restsOnLater) = (false, false, false);
        for (var view = 0; view < views.Length; view++)
        {
            if (!views[view].MoveNext() || views[view].Current.Row != row)
                throw new InvalidOperationException($"View {_spine.Service.Views[view].Reference} has no values for row {row} of the spine.");
            var values = views[view].Current;
            (scratch.Readings[view], scratch.Keys[view]) = (values.Values, EntityKeys.Find(_spine.Service.Views[view].Entity, spine.Entities)!);
            (isLeak, isMismatch, restsOnLater) = (isLeak | values.IsLeak, isMismatch | values.IsMismatch, restsOnLater | values.RestsOnLater);
        }
        if (isLeak) _leaks++;
        if (isMismatch) _mismatches++;
        // A recorded prediction states none: its position is the one that it was served from.
        if (spine.KnownAt is not null && _request.FromPredictionsOf is null) _stated++;
        if (restsOnLater) _statedLater++;
        var context = _spine.Service.BindContext(spine.Context, (field, message) => throw new InvalidOperationException($"{field}: {message}"));
        _spine.Service.AssembleValues(scratch.Readings, context, scratch.Inputs);
        return new JoinedRow(spine, scratch.Keys, scratch.Inputs);
    }

    private void Tell(int points)
    {
        if (_request.Progress is not { } progress) return;
        lock (_told) progress.Report(new TrainingSetProgress(_joined += points, _values.Length * _spine.Count));
    }

    /// <summary>What every row needs for a moment.</summary>
    private sealed class RowScratch(CompiledService service, int columns)
    {
        public IReadOnlyList<FeatureValue>[] Readings { get; } = new IReadOnlyList<FeatureValue>[service.Views.Count];

        public string[] Keys { get; } = new string[service.Views.Count];

        public Value[] Inputs { get; } = new Value[service.InputNames.Count];

        public Value[] Columns { get; } = new Value[columns];
    }
}
