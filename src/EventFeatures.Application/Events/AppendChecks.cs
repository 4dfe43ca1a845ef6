using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.Events;

/// <summary>Checks items against their contracts and turns them into what is to be appended where.</summary>
internal sealed class AppendChecks(RegistrySnapshot registered, AppendEvents request, Instant now)
{
    private readonly EventMetadata _provenance = Provenance.Of(request.CorrelationId, request.Producer) with { CausationId = request.CausationId };

    /// <summary>What is to be done with each item, where the items of one stream stand and fall together.</summary>
    public List<CheckedItem> CheckAll()
    {
        var items = Enumerable.Range(0, request.Items.Count).Select(Check).ToList();
        foreach (var stream in items.GroupBy(item => request.Items[item.Index].Stream, StringComparer.Ordinal))
        {
            List<CheckedItem> together = [.. stream];
            if (together.Find(item => item.Data is null) is { } refused) RefuseOthers(together, refused, items);
            else PassOnExpectation(together, items);
        }
        return items;
    }

    private static void RefuseOthers(List<CheckedItem> stream, CheckedItem refused, List<CheckedItem> items)
    {
        foreach (var item in stream.Where(item => item.Data is not null))
            items[item.Index] = Reject(item.Index, item.EventId, "refused-together",
                $"Event {refused.Index} of the same stream was refused, and the events of a stream go in together. Put that right and send all again.");
    }

    /// <summary>What the stream must look like is asked of it even if the event that asked first goes to quarantine.</summary>
    private void PassOnExpectation(List<CheckedItem> stream, List<CheckedItem> items)
    {
        var expected = StreamState.Any;
        foreach (var item in stream)
        {
            if (item.Verdict == AppendVerdict.Quarantined)
            {
                if (expected == StreamState.Any) expected = request.Items[item.Index].Expected;
                continue;
            }
            if (item.Expected == StreamState.Any && expected != StreamState.Any) items[item.Index] = item with { Expected = expected };
            return;
        }
    }

    private CheckedItem Check(int index)
    {
        var item = request.Items[index];
        var eventId = item.EventId ?? Guid.NewGuid();
        var category = item.Stream[..item.Stream.IndexOf('-', StringComparison.Ordinal)];
        if (SystemCategories.Contain(category) || category.StartsWith('$'))
            return Reject(index, eventId, "category-reserved", $"Streams '{category}-…' are written by the system alone. Use a category that a contract of yours names.");
        if (Find(category, item.Type) is not { } contract)
            return Reject(index, eventId, "contract-missing", $"No contract covers the category '{category}' of stream '{item.Stream}'. Apply a DataContract with eventfeatures.category: {category} first.");
        var metadata = _provenance with
        {
            OccurredAt = item.OccurredAt, RecordedAt = item.RecordedAt, Imported = item.RecordedAt is not null,
            Contract = contract.Reference, SchemaDigest = contract.Digest, Subject = item.Subject, Producer = item.Producer ?? request.Producer,
        };
        var bytes = metadata.ToJson();
        var check = ContractReader.Check(contract, item.Type, item.Data, bytes, now);
        var violation = KeyViolation(item.Stream, category) ?? check.Violation;
        if (violation is null)
        {
            if (contract.EventTimeField is not null) bytes = (metadata with { OccurredAt = check.OccurredAt }).ToJson();
            return new CheckedItem(index, item.Stream, item.Expected, new EventData(eventId, item.Type, item.Data, bytes), AppendVerdict.Accepted);
        }
        if (contract.OnViolation == ViolationAction.Reject)
            return Reject(index, eventId, violation.Code, $"{violation.Detail} Contract {contract.Reference} rejects such events; correct it and send it again.");
        var quarantined = new QuarantinedEvent(contract.Reference, item.Stream, eventId, item.Type, violation.Code, violation.Detail, item.Data, bytes);
        return new CheckedItem(
            index, QuarantinedEvent.StreamOf(contract.Reference), StreamState.Any, quarantined.ToEventData(_provenance with { Contract = contract.Reference, SchemaDigest = contract.Digest }),
            AppendVerdict.Quarantined, violation.Code, violation.Detail, eventId);
    }

    /// <summary>The contract of a category that knows the event type; of several the newest, and the newest of all when none does.</summary>
    private DataContract? Find(string category, string type)
    {
        DataContract? found = null;
        foreach (var contract in registered.Contracts.Values)
        {
            if (contract.Category != category) continue;
            if (found is null || (Covers(contract), contract.Version, contract.Name).CompareTo((Covers(found), found.Version, found.Name)) > 0) found = contract;
        }
        return found;

        bool Covers(DataContract contract) => contract.EventTypes.ContainsKey(type);
    }

    private static Violation? KeyViolation(string stream, string category) =>
        stream.Length == category.Length + 1 || stream.Any(char.IsControl)
            ? new Violation(ViolationCode.StreamNameInvalid, $"Stream '{stream}' must be '{category}-<key>' with a key that is not empty and without control characters.")
            : ContractReader.KeyTooLong(stream, stream.AsSpan(category.Length + 1));

    private static CheckedItem Reject(int index, Guid eventId, string code, string detail) =>
        new(index, "", StreamState.Any, null, AppendVerdict.Rejected, code, detail, eventId);
}

/// <summary>An item with what is to be done with it.</summary>
/// <param name="Index">Its place in the request.</param>
/// <param name="Stream">Where it goes.</param>
/// <param name="Expected">What that stream must look like.</param>
/// <param name="Data">What to append; null for a rejected item.</param>
/// <param name="Verdict">What becomes of it if the stream takes it.</param>
/// <param name="Code">Why it is not accepted.</param>
/// <param name="Detail">The same for people.</param>
/// <param name="OriginalId">The producer's id, where that is not the id of what is appended.</param>
internal sealed record CheckedItem(
    int Index, string Stream, StreamState Expected, EventData? Data, AppendVerdict Verdict, string Code = "", string Detail = "", Guid? OriginalId = null)
{
    public Guid EventId => OriginalId ?? Data!.EventId;
}
