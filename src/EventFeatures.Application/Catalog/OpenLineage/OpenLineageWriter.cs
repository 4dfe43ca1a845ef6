using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.Catalog.OpenLineage;

/// <summary>
/// Writes events as OpenLineage 2-0-2 defines them, one line of JSON each: what stands still as dataset and job events,
/// what ran once as run events. Facets carry the version of their own schema.
/// </summary>
/// <param name="nameSpace">The namespace of every job and data set.</param>
internal sealed class OpenLineageWriter(string nameSpace)
{
    private const string Spec = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/";
    private const string Facets = "https://openlineage.io/spec/facets/";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A build's version may hold what no URI does.
    private static readonly string Producer = $"urn:eventfeatures:{Uri.EscapeDataString(Software.Version)}";

    /// <summary>A data set that is there, whoever makes it.</summary>
    public string DatasetEvent(LineageDataset dataset, Instant time) => Event("DatasetEvent", time, writer =>
    {
        writer.WritePropertyName("dataset");
        Write(writer, dataset);
    });

    /// <summary>A job that is there, whenever it runs.</summary>
    public string JobEvent(LineageJob job, IEnumerable<LineageDataset> inputs, IEnumerable<LineageDataset> outputs, Instant time) =>
        Event("JobEvent", time, writer =>
        {
            Write(writer, job);
            Write(writer, "inputs", inputs);
            Write(writer, "outputs", outputs);
        });

    /// <summary>One transition of one run.</summary>
    /// <param name="type">START or COMPLETE.</param>
    /// <param name="runId">The run; the same for all its transitions.</param>
    /// <param name="job">What ran.</param>
    /// <param name="inputs">What it read.</param>
    /// <param name="outputs">What it wrote.</param>
    /// <param name="time">When the transition was.</param>
    /// <param name="nominal">The instant that the run is about; null where it is about none.</param>
    public string RunEvent(
        string type, Guid runId, LineageJob job, IEnumerable<LineageDataset> inputs, IEnumerable<LineageDataset> outputs, Instant time, Instant? nominal) =>
        Event("RunEvent", time, writer =>
        {
            writer.WriteString("eventType", type);
            writer.WriteStartObject("run");
            writer.WriteString("runId", runId.ToString());
            writer.WriteStartObject("facets");
            if (nominal is { } instant)
            {
                StartFacet(writer, "nominalTime", "1-0-1/NominalTimeRunFacet");
                writer.WriteString("nominalStartTime", instant.ToString());
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
            Write(writer, job);
            Write(writer, "inputs", inputs);
            Write(writer, "outputs", outputs);
        });

    private static string Event(string type, Instant time, Action<Utf8JsonWriter> content)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("eventTime", time.ToString());
            writer.WriteString("producer", Producer);
            writer.WriteString("schemaURL", Spec + type);
            content(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private void Write(Utf8JsonWriter writer, LineageJob job)
    {
        writer.WriteStartObject("job");
        writer.WriteString("namespace", nameSpace);
        writer.WriteString("name", job.Name);
        writer.WriteStartObject("facets");
        StartFacet(writer, "jobType", "2-0-2/JobTypeJobFacet");
        writer.WriteString("processingType", job.IsStreaming ? "STREAMING" : "BATCH");
        writer.WriteString("integration", "EVENTFEATURES");
        writer.WriteString("jobType", job.Type);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void Write(Utf8JsonWriter writer, string side, IEnumerable<LineageDataset> datasets)
    {
        writer.WriteStartArray(side);
        foreach (var dataset in datasets) Write(writer, dataset);
        writer.WriteEndArray();
    }

    private void Write(Utf8JsonWriter writer, LineageDataset dataset)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace", nameSpace);
        writer.WriteString("name", dataset.Name);
        writer.WriteStartObject("facets");
        if (dataset.Schema.Count > 0) WriteSchema(writer, dataset.Schema);
        if (dataset.Version is { } version)
        {
            StartFacet(writer, "version", "1-0-1/DatasetVersionDatasetFacet");
            writer.WriteString("datasetVersion", version);
            writer.WriteEndObject();
        }
        if (dataset.Origins.Count > 0) WriteOrigins(writer, dataset.Origins);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteSchema(Utf8JsonWriter writer, IReadOnlyList<DatasetField> schema)
    {
        StartFacet(writer, "schema", "1-1-1/SchemaDatasetFacet");
        writer.WriteStartArray("fields");
        foreach (var field in schema)
        {
            writer.WriteStartObject();
            writer.WriteString("name", field.Name);
            writer.WriteString("type", field.Type);
            if (field.Description.Length > 0) writer.WriteString("description", field.Description);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteOrigins(Utf8JsonWriter writer, IReadOnlyList<ColumnOrigin> origins)
    {
        StartFacet(writer, "columnLineage", "1-2-0/ColumnLineageDatasetFacet");
        writer.WriteStartObject("fields");
        foreach (var field in origins.GroupBy(origin => origin.Field))
        {
            writer.WriteStartObject(field.Key);
            writer.WriteStartArray("inputFields");
            foreach (var input in field.GroupBy(origin => (origin.Dataset, origin.Column)))
            {
                writer.WriteStartObject();
                writer.WriteString("namespace", nameSpace);
                writer.WriteString("name", input.Key.Dataset);
                writer.WriteString("field", input.Key.Column);
                writer.WriteStartArray("transformations");
                foreach (var (usage, text) in input.Select(origin => (origin.Usage, origin.Text)).Distinct())
                {
                    writer.WriteStartObject();
                    writer.WriteString("type", usage.Type);
                    writer.WriteString("subtype", usage.Subtype);
                    writer.WriteString("description", text.Length > 0 ? $"{usage}: {text}" : usage.Name);
                    writer.WriteBoolean("masking", false);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <param name="writer">Where to.</param>
    /// <param name="name">The facet's key.</param>
    /// <param name="schema">Its version and type, <c>1-1-1/SchemaDatasetFacet</c>.</param>
    private static void StartFacet(Utf8JsonWriter writer, string name, string schema)
    {
        writer.WriteStartObject(name);
        writer.WriteString("_producer", Producer);
        writer.WriteString("_schemaURL", $"{Facets}{schema}.json#/$defs/{schema.Split('/')[1]}");
    }
}
