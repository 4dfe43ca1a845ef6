using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// A feature view made ready to run: its columns, its filters and its kernels. Online, batch and replay all go
/// through this one class, which is why they give the same bits. Immutable and safe for any number of threads.
/// </summary>
public sealed class CompiledView
{
    /// <summary>Checks a view against its contract and entity and makes it ready to run.</summary>
    /// <exception cref="Definitions.DefinitionInvalidException">The view cannot mean anything over this contract; lists every reason.</exception>
    public static CompiledView Compile(FeatureView view, DataContract contract, Entity entity) => throw new NotSupportedException();

    /// <summary>The definition.</summary>
    public FeatureView View { get; } = null!;

    /// <summary>The source's contract.</summary>
    public DataContract Contract { get; } = null!;

    /// <summary>The payload fields that the features use, ordered by name: the batch view's own columns.</summary>
    public IReadOnlyList<ViewColumn> Columns { get; } = [];

    /// <summary>Reads an event as this view's row, or says why it is none. Pure: a function of the event alone.</summary>
    public RowReading Read(RecordedEvent recorded) => throw new NotSupportedException();

    /// <summary>
    /// The features at <paramref name="asOf"/> over admitted rows of one entity, in <see cref="FeatureRow.FoldOrder"/>.
    /// Rows after <paramref name="asOf"/> are passed over. The result is in the order of the view's features.
    /// </summary>
    public IReadOnlyList<FeatureValue> Evaluate(IReadOnlyList<FeatureRow> rows, Instant asOf) => throw new NotSupportedException();

    /// <summary>
    /// The ids of the events that the value of one feature rests on at <paramref name="asOf"/>, in fold order:
    /// those inside its window that pass its filter.
    /// </summary>
    public IReadOnlyList<FeatureRow> Contributing(int feature, IReadOnlyList<FeatureRow> rows, Instant asOf) => throw new NotSupportedException();

    /// <summary>The state of an entity without events.</summary>
    public EntityState NewState(string entityKey) => throw new NotSupportedException();

    /// <summary>Reads a state that <see cref="EntityState.ToBytes"/> wrote for this view.</summary>
    public EntityState ReadState(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();
}

/// <summary>A payload field that a view keeps.</summary>
public sealed record ViewColumn(string Name, ValueKind Kind);

/// <summary>What a view made of an event.</summary>
public abstract record RowReading
{
    private RowReading() { }

    /// <summary>The event is of another contract's type, or not of the contract's category.</summary>
    public sealed record NotMine : RowReading;

    /// <summary>The event is a row of the view.</summary>
    public sealed record Row(FeatureRow Value) : RowReading;

    /// <summary>The event breaks the contract and belongs in quarantine.</summary>
    /// <param name="Code">A stable kebab-case code, for example <c>required-field-missing</c>.</param>
    /// <param name="Detail">What was found where, with the value.</param>
    public sealed record Violation(string Code, string Detail) : RowReading;
}
