using EventFeatures.Core.Definitions;

namespace EventFeatures.Core.Contracts;

/// <summary>
/// The contracts of the system's own events that views may read like any other: predictions and their outcomes. They
/// are part of the software, every version that ever was, and so of no team's files.
/// </summary>
public static class BuiltInContracts
{
    /// <summary>With which the names of these contracts start, and no other's.</summary>
    public const string NamePrefix = "eventfeatures.";

    private const string Prediction = """
        {
          "apiVersion": "v3.1.0", "kind": "DataContract", "id": "eventfeatures.prediction", "version": "1.0.0", "status": "active",
          "description": "What was predicted, as soon as it is durable.",
          "schema": [ { "name": "PredictionMade", "logicalType": "object", "properties": [
            { "name": "predictionId", "logicalType": "string", "required": true },
            { "name": "request", "logicalType": "object", "required": true, "properties": [
              { "name": "model", "logicalType": "string", "required": true },
              { "name": "entities", "logicalType": "object", "description": "Keys as the caller named them: request.entities.card" },
              { "name": "context", "logicalType": "object" } ] },
            { "name": "asOf", "logicalType": "timestamp", "required": true },
            { "name": "service", "logicalType": "string" },
            { "name": "model", "logicalType": "object", "properties": [
              { "name": "name", "logicalType": "string" }, { "name": "version", "logicalType": "integer" }, { "name": "digest", "logicalType": "string" } ] },
            { "name": "route", "logicalType": "object", "properties": [
              { "name": "name", "logicalType": "string" }, { "name": "code", "logicalType": "string" } ] },
            { "name": "score", "logicalType": "number", "required": true },
            { "name": "confidence", "logicalType": "number" },
            { "name": "threshold", "logicalType": "number" },
            { "name": "decision", "logicalType": "string", "required": true },
            { "name": "requestedBy", "logicalType": "string" },
            { "name": "software", "logicalType": "string" } ] } ],
          "customProperties": [
            { "property": "eventfeatures.category", "value": "prediction" },
            { "property": "eventfeatures.eventTime", "value": "asOf" } ]
        }
        """;

    private const string Outcome = """
        {
          "apiVersion": "v3.1.0", "kind": "DataContract", "id": "eventfeatures.outcome", "version": "1.0.0", "status": "active",
          "description": "What really happened after a prediction, with what the prediction had been.",
          "schema": [ { "name": "OutcomeRecorded", "logicalType": "object", "properties": [
            { "name": "predictionId", "logicalType": "string", "required": true },
            { "name": "outcomeId", "logicalType": "string", "required": true },
            { "name": "value", "logicalType": "number", "required": true },
            { "name": "occurredAt", "logicalType": "timestamp", "required": true },
            { "name": "recordedBy", "logicalType": "string" },
            { "name": "correction", "logicalType": "boolean", "description": "Whether the prediction had an outcome before." },
            { "name": "request", "logicalType": "object", "properties": [
              { "name": "model", "logicalType": "string" },
              { "name": "entities", "logicalType": "object" } ] },
            { "name": "model", "logicalType": "object", "properties": [
              { "name": "name", "logicalType": "string" }, { "name": "version", "logicalType": "integer" } ] },
            { "name": "route", "logicalType": "object", "properties": [ { "name": "name", "logicalType": "string" } ] },
            { "name": "score", "logicalType": "number" },
            { "name": "threshold", "logicalType": "number" },
            { "name": "decision", "logicalType": "string" } ] } ],
          "customProperties": [
            { "property": "eventfeatures.category", "value": "prediction" },
            { "property": "eventfeatures.eventTime", "value": "occurredAt" } ]
        }
        """;

    /// <summary>Every version, oldest first.</summary>
    public static IReadOnlyList<DataContract> All { get; } = [DefinitionReader.ReadBuiltIn(Prediction), DefinitionReader.ReadBuiltIn(Outcome)];

    /// <summary>The newest version of each, by <c>name/major</c>.</summary>
    public static IReadOnlyDictionary<string, DataContract> Current { get; } = All.GroupBy(contract => contract.Reference).ToDictionary(versions => versions.Key, versions => versions.Last());
}
