using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Api.V1;

namespace EventFeatures.Cli.Files.Exports;

/// <summary>
/// What an export is of and which files it has, as a file that readers of the folder pass over by its name. It names no
/// clock, machine or path, so that the same view and position give the same bytes.
/// </summary>
internal static class ExportManifest
{
    public const string Name = "_manifest.json";

    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    public static byte[] Of(ExportStarted export, ExportOrigin origin, IReadOnlyList<ExportedPart> parts)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("format", "eventfeatures.view-export/1");
            writer.WriteString("view", origin.View);
            writer.WriteString("viewDigest", origin.ViewDigest);
            writer.WriteString("contract", string.Join('+', export.Contracts));
            writer.WriteString("contractDigest", origin.ContractDigest);
            writer.WriteNumber("knownAt", origin.KnownAt);
            writer.WriteString("partitionBy", origin.PartitionBy);
            writer.WriteNumber("rows", export.Rows);
            writer.WriteStartArray("columns");
            foreach (var column in export.Columns)
            {
                writer.WriteStartObject();
                writer.WriteString("name", column.Name);
                writer.WriteString("type", column.Type);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("files");
            foreach (var part in parts.OrderBy(part => part.Path, StringComparer.Ordinal))
            {
                writer.WriteStartObject();
                writer.WriteString("path", part.Path);
                writer.WriteNumber("rows", part.Rows);
                writer.WriteNumber("bytes", part.Bytes);
                writer.WriteString("sha256", part.Sha256);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
