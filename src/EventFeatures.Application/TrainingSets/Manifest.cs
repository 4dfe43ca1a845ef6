using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets;

/// <summary>
/// What a training set was made of, beside its file. It names no clock, machine or path, so that the same input gives
/// the same bytes; its digest names the training set.
/// </summary>
internal static class Manifest
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The manifest's bytes and their digest.</summary>
    public static (byte[] Json, string Digest) Of(JoinedSet set, IReadOnlyList<TrainingColumn> columns, Knowledge knowledge, string fileDigest)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("format", "eventfeatures.training-set/1");
            writer.WriteString("service", set.Service.Service.Reference);
            writer.WriteString("serviceDigest", set.Service.Service.Digest);
            writer.WriteStartArray("views");
            foreach (var view in set.Service.Views)
            {
                writer.WriteStartObject();
                writer.WriteString("view", view.Reference.ToString());
                writer.WriteString("digest", view.View.View.Digest);
                writer.WriteString("contract", string.Join('+', view.View.Contracts.Select(contract => contract.Reference)));
                writer.WriteString("contractDigest", view.View.ContractDigest);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteNumber("knownAt", set.KnownAt.Value);
            writer.WriteString("knowledge", knowledge == Knowledge.Recorded ? "recorded" : "latest");
            writer.WriteBoolean("hindsight", knowledge == Knowledge.Latest);
            writer.WriteNumber("rows", set.Spine.Count);
            writer.WriteNumber("labelled", set.Spine.Count(row => row.Label is not null));
            writer.WriteNumber("leaks", set.Leaks.Leaks);
            writer.WriteNumber("mismatches", set.Leaks.Mismatches);
            writer.WriteStartArray("columns");
            foreach (var column in columns)
            {
                writer.WriteStartObject();
                writer.WriteString("name", column.Name);
                writer.WriteString("type", NameOf(column.Kind));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteString("fileDigest", fileDigest);
            writer.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        var json = buffer.ToArray();
        return (json, Convert.ToHexStringLower(SHA256.HashData(json)));
    }

    private static string NameOf(ValueKind kind) => kind.ToString().ToLowerInvariant();
}
