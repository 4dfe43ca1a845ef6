using EventFeatures.Core.Contracts;
using EventFeatures.Core.Events;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// One of a view's sources made ready to read. An event's fields are laid out as the view's columns, and after them
/// those that only the source's condition or key wants.
/// </summary>
internal sealed class CompiledSource
{
    private readonly ContractReader _reader;
    private readonly CompiledExpression? _where;
    private readonly EntityKeyReader? _key;
    private readonly int _eventTypeColumn;

    /// <param name="contract">The contract.</param>
    /// <param name="layout">The contract's field for each place; null where the contract has none.</param>
    /// <param name="eventTypeColumn">The column that takes the event's type; -1 for none.</param>
    /// <param name="where">The condition, bound to the layout.</param>
    /// <param name="key">The key's fields; null for the stream's key.</param>
    public CompiledSource(
        DataContract contract, IReadOnlyList<string?> layout, int eventTypeColumn, CompiledExpression? where, IReadOnlyList<KeyField>? key)
    {
        (Contract, Layout, _eventTypeColumn, _where) = (contract, layout, eventTypeColumn, where);
        _reader = new ContractReader(contract, layout);
        _key = key is null ? null : new EntityKeyReader(key);
    }

    public DataContract Contract { get; }

    public IReadOnlyList<string?> Layout { get; }

    /// <summary>Whether the stream's key is the entity's.</summary>
    public bool IsKeyedByStream => _key is null;

    /// <summary>Whether some events of the contract are not the view's.</summary>
    public bool IsFiltered => _where is not null;

    /// <summary>The stream's key, if its events of this type are of this source; a violation with it, if the stream has no usable key.</summary>
    public string? KeyOf(string streamId, string eventType, out Violation? violation)
    {
        var key = _reader.KeyOf(streamId, out violation);
        return key is null || !_reader.Covers(eventType) ? null : key;
    }

    public Violation? Read(RecordedEvent recorded, out Value[] values, out Instant occurredAt, out Instant recordedAt)
    {
        values = new Value[Layout.Count];
        recordedAt = recorded.Created;
        var violation = _reader.Read(recorded.Type, recorded.Data.Span, recorded.Metadata.Span, ref recordedAt, values, out occurredAt);
        if (_eventTypeColumn >= 0) values[_eventTypeColumn] = Value.Of(recorded.Type);
        return violation;
    }

    /// <summary>Whether an event meets the source's condition. Null is not true.</summary>
    public Violation? Meets(ReadOnlySpan<Value> values, out bool meets)
    {
        meets = _where is null;
        if (meets) return null;
        try
        {
            meets = _where!.Evaluate(values) is { IsNull: false, Boolean: true };
            return null;
        }
        catch (ExpressionOverflowException overflow)
        {
            return new Violation(ViolationCode.ExpressionOverflow, $"The source's condition: {overflow.Message}");
        }
    }

    /// <summary>The entities that an event concerns.</summary>
    public Violation? Entities(string streamKey, ReadOnlySpan<Value> values, out IReadOnlyList<string> keys, out string? unkeyed)
    {
        if (_key is not null) return _key.Read(values, out keys, out unkeyed);
        (keys, unkeyed) = ([streamKey], null);
        return null;
    }
}
