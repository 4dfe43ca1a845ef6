using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.TrainingSets;

/// <summary>Joins a service's features onto a spine, each view's rows read in one pass, and checks every point for leaks.</summary>
internal sealed class TrainingSetBuilder(IRegistry registry, IBatchViews batch, IEventLog log)
{
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromMinutes(2);

    /// <summary>The joined rows, in the spine's order.</summary>
    public async Task<JoinedSet> JoinAsync(BuildTrainingSet request, CancellationToken cancellation)
    {
        var service = ServiceCatalog.Find(registry.Current, request.Service);
        var knownAt = request.KnownAt ?? await log.ReadHeadAsync(cancellation) ?? Position.Start;
        await batch.CaughtUpAsync(knownAt, CatchUpMax, cancellation);
        var spine = request.FromPredictionsOf is { } model
            ? await PredictionSpine.ReadAsync(log, model, knownAt, cancellation)
            : request.Spine;
        var keys = Keys(service, spine);
        var readings = new IReadOnlyList<FeatureValue>[spine.Count][];
        for (var row = 0; row < spine.Count; row++) readings[row] = new IReadOnlyList<FeatureValue>[service.Views.Count];
        var findings = new Findings(spine.Count);
        for (var view = 0; view < service.Views.Count; view++)
            await JoinViewAsync(request, service.Views[view], view, spine, keys[view], knownAt, readings, findings, cancellation);
        var vectors = new ServiceVector[spine.Count];
        for (var row = 0; row < vectors.Length; row++)
            vectors[row] = service.Assemble(readings[row], Context(service, spine[row], row));
        return new JoinedSet(service, spine, keys, vectors, knownAt, findings.Report());
    }

    private async Task JoinViewAsync(
        BuildTrainingSet request, ServiceView view, int index, IReadOnlyList<SpineRow> spine, IReadOnlyList<string> keys, Position knownAt,
        IReadOnlyList<FeatureValue>[][] readings, Findings findings, CancellationToken cancellation)
    {
        var rowsOf = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var row = 0; row < keys.Count; row++)
        {
            if (!rowsOf.TryGetValue(keys[row], out var rows)) rowsOf.Add(keys[row], rows = []);
            rows.Add(row);
        }
        var done = 0L;
        var wanted = rowsOf.Keys.ToHashSet(StringComparer.Ordinal);
        await foreach (var entity in batch.ReadEntitiesAsync(view.Reference, wanted, knownAt, cancellation))
        {
            if (!rowsOf.Remove(entity.EntityKey, out var rows)) continue;
            Join(entity.EntityKey, entity.Rows, rows);
        }
        // Entities that the view never saw have rows in the spine all the same.
        foreach (var (key, rows) in rowsOf) Join(key, [], rows);

        void Join(string key, IReadOnlyList<FeatureRow> history, List<int> rows)
        {
            var points = rows.ConvertAll(row => new JoinPoint(spine[row].Time, KnownAtOf(spine[row], view.Reference, knownAt)));
            var joined = PointInTimeJoin.Join(view.View, new KnownRows(history), points, request.Knowledge);
            for (var i = 0; i < rows.Count; i++) readings[rows[i]][index] = joined[i].Values;
            foreach (var finding in LeakCheck.Check(view.View, key, history, points, joined, request.Knowledge))
                findings.Add(rows[finding.Point], finding);
            done += rows.Count;
            request.Progress?.Report(new TrainingSetProgress((index * (long)spine.Count) + done, (long)readings[0].Length * spine.Count));
        }
    }

    private static Position? KnownAtOf(SpineRow row, ViewReference view, Position knownAt)
    {
        var stated = row.KnownAtByView.TryGetValue(view, out var position) ? position : row.KnownAt;
        return stated > knownAt ? knownAt : stated;
    }

    private static IReadOnlyList<IReadOnlyList<string>> Keys(CompiledService service, IReadOnlyList<SpineRow> spine)
    {
        var keys = service.Views.Select(_ => new string[spine.Count]).ToArray();
        var failures = new List<CommandFailure>();
        for (var row = 0; row < spine.Count; row++)
            for (var view = 0; view < keys.Length; view++)
            {
                var entity = service.Views[view].Entity;
                if (EntityKeys.Find(entity, spine[row].Entities) is { } key) keys[view][row] = key;
                else Add(failures, new CommandFailure($"spine[{row}].entities", $"The key of entity '{entity.Name}' is missing. Give {string.Join(" and ", entity.Keys.Select(part => part.Name))}."));
            }
        return failures.Count == 0 ? keys : throw new CommandInvalidException(nameof(BuildTrainingSet), failures);
    }

    private static IReadOnlyList<Core.Values.Value> Context(CompiledService service, SpineRow row, int index)
    {
        var failures = new List<CommandFailure>();
        var bound = service.BindContext(row.Context, (field, message) => failures.Add(new CommandFailure($"spine[{index}].context.{field}", message)));
        return failures.Count == 0 ? bound : throw new CommandInvalidException(nameof(BuildTrainingSet), failures);
    }

    // A spine that is wrong throughout need not be told row by row.
    private static void Add(List<CommandFailure> failures, CommandFailure failure)
    {
        if (failures.Count < 20) failures.Add(failure);
    }

    /// <summary>What the leak check found, by spine row.</summary>
    private sealed class Findings(int rows)
    {
        private readonly HashSet<int> _leaks = [];
        private readonly HashSet<int> _mismatches = [];
        private string _first = "";

        public void Add(int row, LeakFinding finding)
        {
            if (_first.Length == 0) _first = $"Row {row}: {finding.Detail}";
            if (finding.IsLeak) _leaks.Add(row);
            if (finding.IsMismatch) _mismatches.Add(row);
        }

        public LeakReport Report() => new(rows, _leaks.Count, _mismatches.Count, _first);
    }
}

/// <summary>Features joined onto a spine.</summary>
/// <param name="Service">The service.</param>
/// <param name="Spine">The rows.</param>
/// <param name="Keys">The entity keys by view and row.</param>
/// <param name="Vectors">The inputs by row.</param>
/// <param name="KnownAt">The last position that was used.</param>
/// <param name="Leaks">What the leak check found.</param>
internal sealed record JoinedSet(
    CompiledService Service, IReadOnlyList<SpineRow> Spine, IReadOnlyList<IReadOnlyList<string>> Keys,
    IReadOnlyList<ServiceVector> Vectors, Position KnownAt, LeakReport Leaks);
