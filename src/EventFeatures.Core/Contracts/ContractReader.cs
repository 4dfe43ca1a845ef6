using System.Runtime.CompilerServices;
using System.Text;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>
/// Checks events against a contract. Undeclared members are let pass, so that producers may be ahead of the contract.
/// Immutable and safe for any number of threads.
/// </summary>
public sealed class ContractReader
{
    private static readonly ConditionalWeakTable<DataContract, ContractReader> Readers = [];

    private readonly DataContract _contract;
    private readonly Dictionary<string, SchemaReader> _schemas;
    private readonly string _prefix;
    private readonly IReadOnlyList<string?> _columns;

    /// <summary>Prepares to read the fields of a contract that are wanted as columns; a column without a name stays null.</summary>
    public ContractReader(DataContract contract, IReadOnlyList<string?> columns)
    {
        _contract = contract;
        _columns = columns;
        _prefix = contract.Category + "-";
        _schemas = contract.EventTypes.ToDictionary(
            type => type.Key, type => new SchemaReader(type.Value, contract.EventTimeField, IndexOf), StringComparer.Ordinal);

        int IndexOf(string name)
        {
            for (var i = 0; i < columns.Count; i++)
                if (columns[i] == name) return i;
            return -1;
        }
    }

    /// <summary>Checks one event in full.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="eventType">The event's type.</param>
    /// <param name="data">The payload, JSON.</param>
    /// <param name="metadata">The metadata, JSON or empty.</param>
    /// <param name="recordedAt">The log's time, or before an append the time now. What imported metadata states goes before it.</param>
    public static ContractCheck Check(
        DataContract contract, string eventType, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, Instant recordedAt)
    {
        var reader = Readers.GetValue(contract, made => new ContractReader(made, AllFields(made)));
        var columns = new Value[reader._columns.Count];
        var violation = reader.Read(eventType, data.Span, metadata.Span, ref recordedAt, columns, out var occurredAt);
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        for (var i = 0; violation is null && i < columns.Length; i++)
            if (!columns[i].IsNull) values.Add(reader._columns[i]!, columns[i]);
        return new ContractCheck(violation, occurredAt, recordedAt, values);
    }

    /// <summary>
    /// The entity key of a stream, the text after <c>category-</c>; null when the stream is of another category.
    /// A violation when it is of this category and has no usable key.
    /// </summary>
    public string? KeyOf(string stream, out Violation? violation)
    {
        violation = null;
        if (!stream.StartsWith(_prefix, StringComparison.Ordinal)) return null;
        var key = stream[_prefix.Length..];
        if (key.Length == 0 || key.Contains('\0', StringComparison.Ordinal) || key.Contains('\u001F', StringComparison.Ordinal))
            violation = new Violation(ViolationCode.StreamNameInvalid, $"Stream '{stream}' must be '{_prefix}<key>' with a key that is not empty and without control characters U+0000 and U+001F.");
        violation ??= KeyTooLong(stream, key);
        return key;
    }

    /// <summary>The violation of a stream whose key is longer than an entity's may be; otherwise null.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="key">The part of its name after <c>category-</c>.</param>
    public static Violation? KeyTooLong(string stream, ReadOnlySpan<char> key) =>
        Encoding.UTF8.GetByteCount(key) is var bytes && bytes > EntityKeys.BytesMax
            ? new Violation(ViolationCode.StreamNameInvalid, $"The key of stream {JsonContent.Shorten(stream)} has {bytes} bytes, and an entity's may have {EntityKeys.BytesMax} at most. Use a shorter one.")
            : null;

    /// <summary>Whether the contract covers an event type.</summary>
    public bool Covers(string eventType) => _schemas.ContainsKey(eventType);

    /// <summary>Reads one event into columns that are all null.</summary>
    /// <param name="eventType">The event's type.</param>
    /// <param name="data">The payload.</param>
    /// <param name="metadata">The metadata.</param>
    /// <param name="recordedAt">The log's time; becomes what the importer states, if the metadata does.</param>
    /// <param name="columns">Takes the wanted fields.</param>
    /// <param name="occurredAt">The event time.</param>
    internal Violation? Read(
        string eventType, ReadOnlySpan<byte> data, ReadOnlySpan<byte> metadata, ref Instant recordedAt, Value[] columns, out Instant occurredAt)
    {
        var envelope = EnvelopeTimes.Read(metadata);
        recordedAt = envelope.ImportedAt ?? recordedAt;
        occurredAt = envelope.OccurredAt ?? recordedAt;
        if (!_schemas.TryGetValue(eventType, out var schema))
            return new Violation(ViolationCode.EventTypeUnknown, $"Contract '{_contract.Reference}' has no event type '{eventType}'.{Suggestion.For(eventType, _schemas.Keys)}");
        if (schema.Read(data, columns, out var eventTime) is { } violation) return violation;
        occurredAt = eventTime ?? occurredAt;
        if (_contract.FutureSkewMax is { } skew && occurredAt > recordedAt + skew)
            return new Violation(ViolationCode.OccurredInFuture, $"The event occurred at {occurredAt}, more than {skew} after it was recorded at {recordedAt}.");
        return null;
    }

    private static List<string?> AllFields(DataContract contract) =>
        [.. contract.EventTypes.Values.SelectMany(type => type.Fields).Select(field => field.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
