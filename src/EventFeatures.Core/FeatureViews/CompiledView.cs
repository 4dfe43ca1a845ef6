using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.FeatureViews.Windows;
using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// A feature view made ready to run: its columns, its filters and its kernels. Online, batch and replay all go
/// through this one class, which is why they give the same bits. Immutable and safe for any number of threads.
/// </summary>
public sealed class CompiledView
{
    private readonly CompiledSource[] _sources;
    private readonly FeatureKernel[] _kernels;

    internal CompiledView(FeatureView view, CompiledSource[] sources, IReadOnlyList<ViewColumn> columns, FeatureKernel[] kernels)
    {
        (View, _sources, Columns, _kernels) = (view, sources, columns, kernels);
        Contracts = [.. sources.Select(source => source.Contract)];
        ContractDigest = string.Join('+', Contracts.Select(contract => contract.Digest));
        Categories = [.. Contracts.Select(contract => contract.Category).Distinct()];
        IsKeyedByStream = Array.TrueForAll(sources, source => source.IsKeyedByStream);
        EntitiesAreStreams = sources is [{ IsKeyedByStream: true, IsFiltered: false }];
        Windows = [.. Enumerable.Range(0, kernels.Length).GroupBy(i => kernels[i].Feature.Window).OrderBy(same => WindowNesting.WidthOf(same.Key)).Select(same => (kernels[same.First()].Frame, same.ToArray()))];
        Nesting = new WindowNesting(kernels);
        Runs = new RunPlan(kernels);
        Scratch = new FoldScratch(kernels);
        FeatureShapes = [.. kernels.Select(kernel => kernel.ResultShape)];
        FeatureKinds = [.. FeatureShapes.Select(shape => shape.Kind)];
        Retention = Retention.For(kernels, Contracts);
        StateMark = EntityStateFormat.Mark(view);
    }

    /// <summary>Checks a view against its contracts and entity and makes it ready to run.</summary>
    /// <param name="view">The view.</param>
    /// <param name="contracts">The contracts of its sources, by <c>name/major</c>.</param>
    /// <param name="entity">The entity that it describes.</param>
    /// <exception cref="Definitions.DefinitionInvalidException">The view cannot mean anything over these contracts; lists every reason.</exception>
    public static CompiledView Compile(FeatureView view, IReadOnlyDictionary<string, DataContract> contracts, Entity entity) =>
        new ViewCompiler(view, contracts, entity).Compile();

    /// <summary>The same for a view over one contract.</summary>
    /// <exception cref="Definitions.DefinitionInvalidException">The view cannot mean anything over this contract; lists every reason.</exception>
    public static CompiledView Compile(FeatureView view, DataContract contract, Entity entity) =>
        Compile(view, new Dictionary<string, DataContract> { [contract.Reference] = contract }, entity);

    /// <summary>The definition.</summary>
    public FeatureView View { get; }

    /// <summary>The sources' contracts, in the order of the sources.</summary>
    public IReadOnlyList<DataContract> Contracts { get; }

    /// <summary>The digest of the contract that its source is read by; of several sources, theirs in order with <c>+</c> between them.</summary>
    public string ContractDigest { get; }

    /// <summary>The categories of the streams that it reads, each once.</summary>
    public IReadOnlyList<string> Categories { get; }

    /// <summary>Whether each stream's key is its entity's, so that an entity's streams are known by its key.</summary>
    public bool IsKeyedByStream { get; }

    /// <summary>
    /// Whether an entity is one stream and nothing else. Then its own state decides which events count; else the
    /// streams decide, apart from the entities.
    /// </summary>
    public bool EntitiesAreStreams { get; }

    /// <summary>The payload fields that the features use, ordered by name: the batch view's own columns.</summary>
    public IReadOnlyList<ViewColumn> Columns { get; }

    /// <summary>The kind of each feature's values, in the order of the view's features.</summary>
    public IReadOnlyList<ValueKind> FeatureKinds { get; }

    /// <summary>The same with what is known of lists and maps.</summary>
    public IReadOnlyList<ValueShape> FeatureShapes { get; }

    /// <summary>How long an entity's state keeps its rows.</summary>
    internal Retention Retention { get; }

    /// <summary>What tells its states from those of every other view.</summary>
    internal ulong StateMark { get; }

    internal ReadOnlySpan<FeatureKernel> Kernels => _kernels;

    /// <summary>Features of the same window, by their indexes: what it picks is found once for all of them. Narrower windows come first.</summary>
    internal (WindowFrame Frame, int[] Features)[] Windows { get; }

    internal WindowNesting Nesting { get; }

    internal RunPlan Runs { get; }

    /// <summary>How many different inputs the features take of a row.</summary>
    internal int InputsPerRow => Runs.InputKernels.Count;

    internal FoldScratch Scratch { get; }

    /// <summary>Reads an event as this view's rows, or says why it is none. Pure: a function of the event alone.</summary>
    public RowReading Read(RecordedEvent recorded)
    {
        if (Find(recorded.StreamId, recorded.Type, out var streamKey, out var violation) is not (>= 0 and var index)) return RowReading.NotMine.Instance;
        if (!EntitiesAreStreams) return ReadRows(index, recorded, streamKey, violation);
        Value[] columns = [];
        var (occurredAt, recordedAt) = (recorded.Created, recorded.Created);
        violation ??= _sources[index].Read(recorded, out columns, out occurredAt, out recordedAt);
        violation ??= TryExpressions(columns);
        return violation is null
            ? new RowReading.Row(RowOf(recorded, streamKey, occurredAt, recordedAt, columns))
            : new RowReading.Violation(violation.Code, violation.Detail);
    }

    /// <summary>The source that reads a stream's events of a type, as an index into <see cref="Contracts"/>; -1 when none does.</summary>
    public int SourceOf(string streamId, string eventType) => Find(streamId, eventType, out _, out _);

    /// <summary>The key of the stream of an event that a source of this view reads; null where none does.</summary>
    public string? StreamKeyOf(string streamId, string eventType) => Find(streamId, eventType, out var streamKey, out _) < 0 ? null : streamKey;

    /// <summary>
    /// The streams that hold all of an entity's events. Asked only where <see cref="IsKeyedByStream"/>; elsewhere any
    /// stream of <see cref="Categories"/> may hold some.
    /// </summary>
    public IReadOnlyList<string> StreamsOf(string entityKey) => IsKeyedByStream
        ? [.. Categories.Select(category => $"{category}-{entityKey}")]
        : throw new InvalidOperationException($"View '{View.Reference}' is keyed by payload fields; an entity's streams are not known by its key.");

    /// <summary>
    /// The features at <paramref name="asOf"/> over admitted rows of one entity, in <see cref="FeatureRow.FoldOrder"/>.
    /// Rows after <paramref name="asOf"/> are passed over. The result is in the order of the view's features.
    /// </summary>
    public IReadOnlyList<FeatureValue> Evaluate(IReadOnlyList<FeatureRow> rows, Instant asOf)
    {
        var values = new FeatureValue[_kernels.Length];
        Evaluate(rows, asOf, values);
        return values;
    }

    /// <summary>The same into values of the caller's.</summary>
    internal void Evaluate(IReadOnlyList<FeatureRow> rows, Instant asOf, Span<FeatureValue> values) =>
        // Nothing is missing where all rows are there.
        TryEvaluate(RowSearch.Span(rows), asOf, past: null, memory: null, values);

    /// <summary>
    /// The events that the value of one feature rests on at <paramref name="asOf"/>, in fold order:
    /// those inside its window that pass its filter and have an input.
    /// </summary>
    public IReadOnlyList<FeatureRow> Contributing(int feature, IReadOnlyList<FeatureRow> rows, Instant asOf)
    {
        var contributing = new List<FeatureRow>();
        FindContributing(feature, rows, asOf, row =>
        {
            contributing.Add(row);
            return false;
        });
        return contributing;
    }

    /// <summary>The first of the events of <see cref="Contributing"/> that is wanted; null where none is.</summary>
    internal FeatureRow? FindContributing(int feature, IReadOnlyList<FeatureRow> rows, Instant asOf, Predicate<FeatureRow> isWanted)
    {
        var all = RowSearch.Span(rows);
        var kernel = _kernels[feature];
        var selection = kernel.Frame.Select(all[..RowSearch.CountUntil(all, asOf)], asOf);
        foreach (var row in selection.Run)
            if (kernel.Takes(ColumnsOf(row), out _) && isWanted(row)) return row;
        return selection.Last is { } last && kernel.Takes(ColumnsOf(last), out _) && isWanted(last) ? last : null;
    }

    /// <summary>
    /// Reads and admits all events of some streams, each stream in the log's order. Events of other streams' categories
    /// and of types that no contract of the view knows are passed over.
    /// </summary>
    public AdmittedStream Admit(IEnumerable<RecordedEvent> streams)
    {
        var admission = new LogAdmission(this);
        var (rows, refused, unkeyed) = (new List<FeatureRow>(), new List<RefusedEvent>(), new List<RefusedEvent>());
        foreach (var decided in streams.Select(admission.Offer))
        {
            rows.AddRange(decided.Rows);
            if (decided.Refused is { } no) refused.Add(no);
            if (decided.Unkeyed is { } none) unkeyed.Add(none);
        }
        // Stable, so that the rows which one event gives several entities keep the order of its keys.
        return new AdmittedStream([.. rows.Order(FeatureRow.FoldOrder)], refused, unkeyed);
    }

    /// <summary>Whether all that the features compute of a row can be computed; where not, reading its event would have been a violation.</summary>
    public bool CanFold(FeatureRow row) => TryExpressions(row.Columns as Value[] ?? [.. row.Columns]) is null;

    /// <summary>An empty memory of one entity's vector.</summary>
    internal VectorMemory NewMemory() => new(Windows.Length, _kernels);

    /// <summary>The state of an entity without events.</summary>
    public EntityState NewState(string entityKey) => new(this, entityKey);

    /// <summary>Reads a state that <see cref="EntityState.ToBytes"/> wrote for this view.</summary>
    /// <exception cref="State.StateCorruptException">The bytes are not such a state.</exception>
    public EntityState ReadState(ReadOnlySpan<byte> bytes) => EntityStateFormat.Read(this, bytes);

    /// <summary>Where each source puts its fields; a change of it is a change of what the view means.</summary>
    internal IEnumerable<IReadOnlyList<string?>> Layouts => _sources.Select(source => source.Layout);

    /// <summary>What decides, in an entity's state, which of its rows count.</summary>
    internal RowAdmission NewAdmission() => EntitiesAreStreams ? new RowAdmission(Contracts[0].AllowedLateness) : new RowAdmission(null, isDecided: true);

    /// <summary>A row's columns without the cost of its interface.</summary>
    internal static ReadOnlySpan<Value> ColumnsOf(FeatureRow row) => row.Columns as Value[] ?? row.Columns.ToArray();

    /// <summary>The features over kept rows and what the rows before them came to; false when that does not tell one of them.</summary>
    /// <param name="rows">Rows in fold order.</param>
    /// <param name="asOf">The asked instant.</param>
    /// <param name="past">What older rows came to, all of which lie before the end of every window at that instant; null when there are none.</param>
    /// <param name="memory">What was remembered of the same rows and past; null to fold everything.</param>
    /// <param name="values">Takes them, in the order of the view's features.</param>
    internal bool TryEvaluate(ReadOnlySpan<FeatureRow> rows, Instant asOf, EntityPast? past, VectorMemory? memory, Span<FeatureValue> values)
    {
        rows = rows[..RowSearch.CountUntil(rows, asOf)];
        var newest = rows.IsEmpty ? past?.Newest : rows[^1].OccurredAt;
        if (Unfolded(newest, asOf) is not { } unfolded) return TryFold(rows, asOf, newest!.Value, past, memory, values);
        values.Fill(unfolded);
        return true;
    }

    /// <summary>What all features are where nothing is folded, given the entity's newest event; null where they are folded.</summary>
    internal FeatureValue? Unfolded(Instant? newest, Instant asOf)
    {
        if (newest is not { } at) return new FeatureValue(Value.Null, FeatureStatus.NotFound, null);
        return View.Ttl is { } ttl && asOf - at > ttl ? new FeatureValue(Value.Null, FeatureStatus.OutsideMaxAge, at) : null;
    }

    /// <summary>Folds what is not remembered, rows of windows that lie within one another once; false when the past does not tell one of them.</summary>
    private bool TryFold(ReadOnlySpan<FeatureRow> rows, Instant asOf, Instant newest, EntityPast? past, VectorMemory? memory, Span<FeatureValue> values)
    {
        var scratch = Scratch.Take();
        for (var window = 0; window < Windows.Length; window++)
        {
            var selection = Windows[window].Frame.Select(rows, asOf);
            var pick = memory is null ? default : WindowPick.Of(selection, past?.Newest);
            if (memory?.Holds(window, pick) == true)
            {
                foreach (var i in Windows[window].Features) values[i] = memory.ValueAt(i, asOf) with { OccurredAt = newest };
                continue;
            }
            memory?.Forget(window);
            foreach (var i in Windows[window].Features)
            {
                var own = memory?.FoldOf(i);
                var root = Nesting.RootOf(i);
                var fold = own ?? scratch.Folds[root];
                // Of folds that a missing past broke off, nobody knows what they hold: they are not given back.
                if (past?.TryMerge(i, fold, selection) == false) return false;
                if (own is null && scratch.From[root] is not FoldScratch.Set.Empty and var folded) _kernels[i].Fold(fold, selection.Run[..(folded - selection.Start)]);
                else _kernels[i].Fold(fold, selection);
                if (own is null) scratch.From[root] = selection.Start;
                values[i] = FeatureValue.Of(fold.Finish(asOf), newest);
                memory?.Keep(i, values[i]);
            }
            memory?.Keep(window, pick);
        }
        Scratch.Return(scratch);
        return true;
    }

    private RowReading ReadRows(int index, RecordedEvent recorded, string streamKey, Violation? violation)
    {
        var source = _sources[index];
        Value[] values = [];
        var (occurredAt, recordedAt, meets) = (recorded.Created, recorded.Created, true);
        violation ??= source.Read(recorded, out values, out occurredAt, out recordedAt);
        violation ??= source.Meets(values, out meets);
        IReadOnlyList<string> keys = [];
        string? unkeyed = null;
        if (meets) violation ??= source.Entities(streamKey, values, out keys, out unkeyed);
        // What only the condition and the key wanted stands behind the columns.
        var columns = values.Length > Columns.Count ? values[..Columns.Count] : values;
        if (keys.Count > 0) violation ??= TryExpressions(columns);
        if (violation is not null) return new RowReading.Violation(violation.Code, violation.Detail);
        var rows = new FeatureRow[keys.Count];
        for (var i = 0; i < rows.Length; i++) rows[i] = RowOf(recorded, keys[i], occurredAt, recordedAt, columns);
        return new RowReading.Rows(index, occurredAt, rows, unkeyed);
    }

    private static FeatureRow RowOf(RecordedEvent recorded, string entityKey, Instant occurredAt, Instant recordedAt, Value[] columns) => new(
        entityKey, occurredAt, recordedAt, recorded.Position, recorded.StreamId, recorded.Revision, recorded.EventId, recorded.Type, columns);

    private int Find(string streamId, string eventType, out string streamKey, out Violation? violation)
    {
        for (var i = 0; i < _sources.Length; i++)
        {
            if (_sources[i].KeyOf(streamId, eventType, out violation) is not { } key) continue;
            streamKey = key;
            return i;
        }
        (streamKey, violation) = ("", null);
        return -1;
    }

    // What cannot be computed for a row must be known before the row counts, not when somebody asks.
    private Violation? TryExpressions(Value[] columns)
    {
        foreach (var kernel in _kernels)
        {
            try
            {
                kernel.Try(columns);
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
