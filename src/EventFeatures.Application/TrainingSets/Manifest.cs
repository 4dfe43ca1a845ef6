using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets;

/// <summary>
/// What a training set was made of, beside its file. It names no clock, machine or path, so that the same input gives
/// the same bytes; its digest names the training set.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="KnownAt">The last position that was used.</param>
/// <param name="Knowledge">What a row could know.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Labelled">How many of them have a label.</param>
/// <param name="Leaks">What the leak check found.</param>
/// <param name="Columns">The file's columns.</param>
/// <param name="FileDigest">SHA-256 of the file.</param>
internal sealed record Manifest(
    CompiledService Service, Position KnownAt, Knowledge Knowledge, long Rows, long Labelled, LeakReport Leaks, IReadOnlyList<TrainingColumn> Columns, string FileDigest)
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The manifest's bytes and their digest.</summary>
    public (byte[] Json, string Digest) ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("format", "eventfeatures.training-set/1");
            writer.WriteString("service", Service.Service.Reference);
            writer.WriteString("serviceDigest", Service.Service.Digest);
            writer.WriteStartArray("views");
            foreach (var view in Service.Views)
            {
                writer.WriteStartObject();
                writer.WriteString("view", view.Reference.ToString());
                writer.WriteString("digest", view.View.View.Digest);
                writer.WriteString("contract", string.Join('+', view.View.Contracts.Select(contract => contract.Reference)));
                writer.WriteString("contractDigest", view.View.ContractDigest);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteNumber("knownAt", KnownAt.Value);
            writer.WriteString("knowledge", Knowledge == Core.TrainingSets.Knowledge.Recorded ? "recorded" : "latest");
            writer.WriteBoolean("hindsight", Knowledge == Core.TrainingSets.Knowledge.Latest);
            writer.WriteNumber("rows", Rows);
            writer.WriteNumber("labelled", Labelled);
            writer.WriteNumber("leaks", Leaks.Leaks);
            writer.WriteNumber("mismatches", Leaks.Mismatches);
            // Of a spine that states none, the manifest is as it ever was, byte for byte.
            if (Leaks.Stated > 0)
            {
                writer.WriteNumber("statedKnownAt", Leaks.Stated);
                writer.WriteNumber("statedKnownAtLater", Leaks.StatedLater);
            }
            writer.WriteStartArray("columns");
            foreach (var column in Columns)
            {
                writer.WriteStartObject();
                writer.WriteString("name", column.Name);
                writer.WriteString("type", NameOf(column.Kind));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteString("fileDigest", FileDigest);
            writer.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        var json = buffer.ToArray();
        return (json, Convert.ToHexStringLower(SHA256.HashData(json)));
    }

    private static string NameOf(ValueKind kind) => kind.ToString().ToLowerInvariant();
}
