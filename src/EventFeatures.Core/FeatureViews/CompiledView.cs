using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// A feature view made ready to run: its columns, its filters and its kernels. Online, batch and replay all go
/// through this one class, which is why they give the same bits. Immutable and safe for any number of threads.
/// </summary>
public sealed class CompiledView
{
    private readonly ContractReader _reader;
    private readonly FeatureKernel[] _kernels;
    private Accumulator[]? _scratch;

    internal CompiledView(FeatureView view, DataContract contract, IReadOnlyList<ViewColumn> columns, FeatureKernel[] kernels)
    {
        (View, Contract, Columns, _kernels) = (view, contract, columns, kernels);
        _reader = new ContractReader(contract, [.. columns.Select(column => column.Name)]);
        FeatureShapes = [.. kernels.Select(kernel => kernel.ResultShape)];
        FeatureKinds = [.. FeatureShapes.Select(shape => shape.Kind)];
        Retention = Retention.For(view, contract);
    }

    /// <summary>Checks a view against its contract and entity and makes it ready to run.</summary>
    /// <exception cref="Definitions.DefinitionInvalidException">The view cannot mean anything over this contract; lists every reason.</exception>
    public static CompiledView Compile(FeatureView view, DataContract contract, Entity entity) =>
        new ViewCompiler(view, contract, entity).Compile();

    /// <summary>The definition.</summary>
    public FeatureView View { get; }

    /// <summary>The source's contract.</summary>
    public DataContract Contract { get; }

    /// <summary>The payload fields that the features use, ordered by name: the batch view's own columns.</summary>
    public IReadOnlyList<ViewColumn> Columns { get; }

    /// <summary>The kind of each feature's values, in the order of the view's features.</summary>
    public IReadOnlyList<ValueKind> FeatureKinds { get; }

    /// <summary>The same with what is known of lists and maps.</summary>
    public IReadOnlyList<ValueShape> FeatureShapes { get; }

    /// <summary>How long an entity's state keeps its rows.</summary>
    internal Retention Retention { get; }

    internal ReadOnlySpan<FeatureKernel> Kernels => _kernels;

    /// <summary>Reads an event as this view's row, or says why it is none. Pure: a function of the event alone.</summary>
    public RowReading Read(RecordedEvent recorded)
    {
        var key = _reader.KeyOf(recorded.StreamId, out var violation);
        if (key is null || !_reader.Covers(recorded.Type)) return RowReading.NotMine.Instance;
        var columns = new Value[Columns.Count];
        var recordedAt = recorded.Created;
        var occurredAt = recordedAt;
        violation ??= _reader.Read(recorded.Type, recorded.Data.Span, recorded.Metadata.Span, ref recordedAt, columns, out occurredAt);
        violation ??= TryExpressions(columns);
        return violation is null
            ? new RowReading.Row(new FeatureRow(
                key, occurredAt, recordedAt, recorded.Position, recorded.StreamId, recorded.Revision, recorded.EventId, recorded.Type, columns))
            : new RowReading.Violation(violation.Code, violation.Detail);
    }

    /// <summary>
    /// The features at <paramref name="asOf"/> over admitted rows of one entity, in <see cref="FeatureRow.FoldOrder"/>.
    /// Rows after <paramref name="asOf"/> are passed over. The result is in the order of the view's features.
    /// </summary>
    public IReadOnlyList<FeatureValue> Evaluate(IReadOnlyList<FeatureRow> rows, Instant asOf) =>
        Evaluate(RowSearch.Span(rows), asOf, older: null, newestOlder: null);

    /// <summary>
    /// The events that the value of one feature rests on at <paramref name="asOf"/>, in fold order:
    /// those inside its window that pass its filter and have an input.
    /// </summary>
    public IReadOnlyList<FeatureRow> Contributing(int feature, IReadOnlyList<FeatureRow> rows, Instant asOf)
    {
        var all = RowSearch.Span(rows);
        var contributing = new List<FeatureRow>();
        foreach (var row in _kernels[feature].Frame.Rows(all[..RowSearch.CountUntil(all, asOf)], asOf))
            if (_kernels[feature].Takes(ColumnsOf(row), out _)) contributing.Add(row);
        return contributing;
    }

    /// <summary>
    /// Reads and admits all events of one stream, given in the log's order. Events of other streams' categories and of
    /// types that the contract does not know are passed over.
    /// </summary>
    public AdmittedStream Admit(IEnumerable<RecordedEvent> stream) => StreamAdmission.Admit(this, stream);

    /// <summary>The state of an entity without events.</summary>
    public EntityState NewState(string entityKey) => new(this, entityKey);

    /// <summary>Reads a state that <see cref="EntityState.ToBytes"/> wrote for this view.</summary>
    /// <exception cref="State.StateCorruptException">The bytes are not such a state.</exception>
    public EntityState ReadState(ReadOnlySpan<byte> bytes) => EntityStateFormat.Read(this, bytes);

    /// <summary>A row's columns without the cost of its interface.</summary>
    internal static ReadOnlySpan<Value> ColumnsOf(FeatureRow row) => row.Columns as Value[] ?? row.Columns.ToArray();

    /// <summary>The features over kept rows and what the rows before them came to, all of which lie at or before <paramref name="asOf"/>.</summary>
    internal FeatureValue[] Evaluate(ReadOnlySpan<FeatureRow> rows, Instant asOf, Accumulator?[]? older, Instant? newestOlder)
    {
        var values = new FeatureValue[_kernels.Length];
        rows = rows[..RowSearch.CountUntil(rows, asOf)];
        if ((rows.IsEmpty ? newestOlder : rows[^1].OccurredAt) is not { } newest)
        {
            Array.Fill(values, new FeatureValue(Value.Null, FeatureStatus.NotFound, null));
            return values;
        }
        if (View.Ttl is { } ttl && asOf - newest > ttl)
        {
            Array.Fill(values, new FeatureValue(Value.Null, FeatureStatus.OutsideMaxAge, newest));
            return values;
        }
        // One set of folds is kept for reuse; whoever finds it taken makes another.
        var folds = Interlocked.Exchange(ref _scratch, null) ?? [.. _kernels.Select(kernel => kernel.Start())];
        for (var i = 0; i < values.Length; i++)
        {
            var fold = folds[i];
            if (older?[i] is { } sealedFold) fold.Merge(sealedFold);
            _kernels[i].Fold(fold, rows, asOf);
            var value = fold.Finish(asOf);
            fold.Clear();
            values[i] = new FeatureValue(value, value.IsNull ? FeatureStatus.Null : FeatureStatus.Present, newest);
        }
        Interlocked.Exchange(ref _scratch, folds);
        return values;
    }

    // What cannot be computed for a row must be known before the row counts, not when somebody asks.
    private Violation? TryExpressions(Value[] columns)
    {
        foreach (var kernel in _kernels)
        {
            try
            {
                kernel.Takes(columns, out _);
            }
            catch (ExpressionOverflowException overflow)
            {
                return new Violation(ViolationCode.ExpressionOverflow, $"Feature '{kernel.Feature.Name}': {overflow.Message}");
            }
        }
        return null;
    }
}

/// <summary>A payload field that a view keeps.</summary>
public sealed record ViewColumn(string Name, ValueKind Kind);
