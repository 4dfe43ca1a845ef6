using EventFeatures.Application.Pipeline;
using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.TrainingSets.Joining;

/// <summary>A spine that was read once and found right: its rows in order, and each view's points by entity.</summary>
internal sealed class SpooledSpine : IDisposable
{
    // A spine that is wrong throughout need not be told row by row.
    private const int FailuresMax = 20;

    private readonly SpillList<SpineRow> _rows;
    private readonly SpillSort<SpinePoint>[] _points;
    private readonly SpineColumns _columns;
    private readonly List<CommandFailure> _failures = [];
    private readonly Position _knownAt;

    public SpooledSpine(CompiledService service, Position knownAt, string folder, TrainingSetOptions options)
    {
        (Service, _knownAt, _columns) = (service, knownAt, new SpineColumns(service));
        _rows = new SpillList<SpineRow>(folder, new SpineRowFormat(), options.RowsInMemoryMax);
        var pointsMax = Math.Max(1, options.RowsInMemoryMax / Math.Max(1, service.Views.Count));
        _points = [.. service.Views.Select(_ => new SpillSort<SpinePoint>(folder, SpinePoint.ByEntity, new SpinePoint.Format(), pointsMax))];
    }

    public CompiledService Service { get; }

    /// <summary>How many rows there are.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them have a label.</summary>
    public long Labelled { get; private set; }

    /// <summary>Takes the next row, or notes what is wrong with it.</summary>
    /// <exception cref="CommandInvalidException">Too much is wrong to go on.</exception>
    public void Add(SpineRow row)
    {
        var keys = new string[_points.Length];
        for (var view = 0; view < keys.Length; view++)
        {
            var entity = Service.Views[view].Entity;
            if (EntityKeys.Find(entity, row.Entities) is { } key) keys[view] = key;
            else Fail(row, "entities", $"The key of entity '{entity.Name}' is missing. Give {string.Join(" and ", entity.Keys.Select(part => part.Name))}.");
        }
        if (row.Label is { } label && !double.IsFinite(label)) Fail(row, "label", $"The label is {label}, but a label is 1 or 0. Leave it null where it is not known.");
        Service.BindContext(row.Context, (field, message) => Fail(row, $"context.{field}", message));
        if (_failures.Count == 0)
        {
            _columns.Add(row, keys, (column, message) => Fail(row, column, message));
            for (var view = 0; view < keys.Length; view++)
                _points[view].Add(new SpinePoint(keys[view], Count, new JoinPoint(row.Time, KnownAtOf(row, Service.Views[view].Reference))));
            _rows.Add(row);
        }
        Count++;
        if (row.Label is not null) Labelled++;
    }

    /// <summary>The columns of the training set, once all rows are here.</summary>
    /// <exception cref="CommandInvalidException">Rows or columns are wrong; lists all of it, up to a bound.</exception>
    public TrainingColumns Finish()
    {
        Refuse();
        if (Count == 0) throw new CommandInvalidException(nameof(BuildTrainingSet), [new CommandFailure("spine", "The spine has no rows. Give at least one.")]);
        return new TrainingColumns(Service, _columns);
    }

    /// <summary>The rows in their order. To be called once.</summary>
    public IEnumerable<SpineRow> Rows() => _rows.ReadAll();

    /// <summary>One view's points, entity after entity. To be called once each.</summary>
    public IEnumerable<SpinePoint> PointsOf(int view) => _points[view].InOrder();

    public void Dispose()
    {
        _rows.Dispose();
        foreach (var points in _points) points.Dispose();
    }

    private Position? KnownAtOf(SpineRow row, ViewReference view)
    {
        var stated = row.KnownAtByView.TryGetValue(view, out var position) ? position : row.KnownAt;
        return stated > _knownAt ? _knownAt : stated;
    }

    private void Fail(SpineRow row, string field, string message)
    {
        var at = row.Number > 0 ? $"spine:{row.Number}" : $"spine[{Count}]";
        _failures.Add(new CommandFailure($"{at}.{field}", message));
        if (_failures.Count >= FailuresMax) Refuse();
    }

    private void Refuse()
    {
        if (_failures.Count > 0) throw new CommandInvalidException(nameof(BuildTrainingSet), _failures);
    }
}
