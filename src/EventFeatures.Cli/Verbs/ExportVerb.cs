using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files.Exports;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>export</c>: a batch view as Parquet in folders, for other tools.</summary>
internal static class ExportVerb
{
    public static Command Create()
    {
        var view = new Option<string>("--view") { Description = "The view, for example card_activity@v1; without a version its newest.", HelpName = "NAME", Required = true };
        var to = new Option<string>("--to") { Description = "A folder that does not exist yet. It appears once all is in it; an interrupted export goes on when the command is typed again.", HelpName = "DIR", Required = true };
        var partition = new Option<string>("--partition-by") { Description = "Which period of event time, in UTC, a folder holds: day (occurred_date=2026-01-31) or month (occurred_month=2026-01).", DefaultValueFactory = _ => "day" };
        partition.AcceptOnlyFromAmong("day", "month");
        var knownAt = new Option<ulong?>("--known-at") { Description = "The last position whose rows are written: the same gives the same bytes. Default: the log's head.", HelpName = "P" };
        return new Command("export", "Write a batch view's rows as Parquet in Hive's folders, which Spark, DuckDB and Trino read, with a manifest.") { view, to, partition, knownAt }
            .Does(async (invocation, cancellation) =>
            {
                var target = Path.TrimEndingDirectorySeparator(invocation.FolderOf(to));
                var draft = ExportDraft.Open(target);
                var request = new ExportViewRequest { View = invocation.Get(view), PartitionBy = invocation.Get(partition) };
                if (invocation.Get(knownAt) is { } position) request.KnownAt = position;
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var resumed = Resume(draft, request);
                using var progress = invocation.Progress("export");
                var (export, origin) = await ReceiveAsync(api, request, draft, progress, cancellation).ConfigureAwait(false);
                var manifest = ExportManifest.Of(export, origin, draft.Parts);
                var files = draft.Parts.Count;
                draft.Finish(manifest);
                progress.Dispose();
                Print(invocation, new Exported(target, origin.View, origin.KnownAt, export.Rows, files, Convert.ToHexStringLower(SHA256.HashData(manifest)), resumed));
            });
    }

    /// <summary>Asks for what is missing at the same position, where the draft is of what is wanted.</summary>
    /// <returns>How many files are there already.</returns>
    private static int Resume(ExportDraft draft, ExportViewRequest request)
    {
        if (draft.Origin is not { } origin || origin.PartitionBy != request.PartitionBy) return 0;
        if (request.HasKnownAt && request.KnownAt != origin.KnownAt) return 0;
        if (origin.View != request.View && origin.View.Split("@v")[0] != request.View) return 0;
        request.KnownAt = origin.KnownAt;
        request.Have.AddRange(draft.WholeFolders);
        return draft.Parts.Count(part => draft.WholeFolders.Contains(part.Folder));
    }

    private static async Task<(ExportStarted Export, ExportOrigin Origin)> ReceiveAsync(
        ApiSession api, ExportViewRequest request, ExportDraft draft, ProgressLine progress, CancellationToken cancellation)
    {
        using var call = api.Registry.ExportView(request, cancellationToken: cancellation);
        var reports = call.ResponseStream;
        if (!await reports.MoveNext(cancellation).ConfigureAwait(false) || reports.Current.Started is not { } export) throw Ended();
        var origin = new ExportOrigin(export.View, export.ViewDigest, export.ContractDigest, export.KnownAt, request.PartitionBy);
        if (draft.Origin is { } earlier && earlier != origin && request.Have.Count > 0)
            throw new UsageException($"What the unfinished export of {earlier.View} was made of has changed. Delete its folder, whose name ends with .partial, and type the command again.");
        draft.Begin(origin);
        for (var isMore = await reports.MoveNext(cancellation).ConfigureAwait(false); isMore;)
        {
            var file = reports.Current.File ?? throw Ended();
            await using (var target = draft.Create(file.Path))
            {
                while ((isMore = await reports.MoveNext(cancellation).ConfigureAwait(false)) && reports.Current.ReportCase == ExportViewReport.ReportOneofCase.Chunk)
                    await target.WriteAsync(reports.Current.Chunk.Memory, cancellation).ConfigureAwait(false);
                if (target.Length != file.Bytes) throw Ended();
                target.Flush(flushToDisk: true);
            }
            draft.Add(new ExportedPart(file.Path, file.Rows, file.Bytes, file.Digest));
            progress.Report(draft.Parts.Sum(part => part.Rows), export.Rows);
        }
        return draft.Parts.Sum(part => part.Rows) == export.Rows ? (export, origin) : throw Ended();
    }

    private static RpcException Ended() => new(new Status(StatusCode.Unavailable, "The export ended before all of it was here. Type the command again; what is here already stays."));

    private static void Print(Invocation invocation, Exported exported)
    {
        if (invocation.Json)
        {
            invocation.Out.WriteLine(JsonSerializer.Serialize(exported, JsonSerializerOptions.Web));
            return;
        }
        invocation.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"exported  {exported.Rows:N0} rows of {exported.View} in {exported.Files:N0} files{(exported.FilesResumed > 0 ? $", {exported.FilesResumed:N0} of them from before" : "")}"));
        invocation.Out.WriteLine($"folder    {exported.Folder}");
        invocation.Out.WriteLine($"manifest  sha256 {exported.ManifestDigest}, known at position {exported.KnownAt}");
    }

    /// <summary>As <c>--json</c> prints it.</summary>
    private sealed record Exported(string Folder, string View, ulong KnownAt, long Rows, int Files, string ManifestDigest, int FilesResumed);
}
