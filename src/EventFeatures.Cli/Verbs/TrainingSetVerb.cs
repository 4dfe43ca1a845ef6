using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files.Spines;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>training-set</c>: joins features onto a spine, point in time.</summary>
internal static class TrainingSetVerb
{
    public static readonly Option<string?> Spine = new("--spine")
    {
        Description = "The spine, JSONL, CSV or Parquet: a row {\"<entity>\": key, \"time\": …, \"label\": 0 or 1}; the service's context fields are columns too, and others are carried along.",
        HelpName = "FILE",
    };

    public static readonly Option<string?> FromPredictions = new("--from-predictions")
    {
        Description = "Instead of a spine: the recorded predictions of this model, each with its own time and position, and so with its very vector, labelled by its outcome.",
        HelpName = "MODEL",
    };

    public static readonly Option<string> Knowledge = CreateKnowledge();

    public static readonly Option<ulong?> KnownAt = new("--known-at")
    {
        Description = "The last position that any row may know, as an earlier set's output states it: the same rows then give the same bytes. Default: the log's head.",
        HelpName = "P",
    };

    public static Command Create()
    {
        var service = new Option<string?>("--service") { Description = "The feature service, for example fraud@v1. Default with --from-predictions: the model's own.", HelpName = "NAME" };
        return new Command("training-set", "Build a point-in-time training set: Parquet with a manifest; rows out = rows in, in order, however many.")
            { service, Spine, SpineFile.Format, FromPredictions, Knowledge, KnownAt }
            .Does(async (invocation, cancellation) =>
            {
                await RequireOneSpineAsync(invocation, cancellation).ConfigureAwait(false);
                if (invocation.Get(service) is null && invocation.Get(FromPredictions) is null) throw new UsageException("Name the feature service with --service NAME.");
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var request = new BuildTrainingSetRequest
                {
                    Service = invocation.Get(service) ?? await SpineColumns.ServiceOfModelAsync(api, invocation.Get(FromPredictions)!, cancellation).ConfigureAwait(false),
                    FromPredictionsOf = invocation.Get(FromPredictions) ?? "",
                    Knowledge = KnowledgeOf(invocation),
                };
                if (invocation.Get(KnownAt) is { } knownAt) request.KnownAt = knownAt;
                var columns = invocation.Get(Spine) is null ? null : await SpineColumns.OfServiceAsync(api, request.Service, cancellation).ConfigureAwait(false);
                var answer = await api.BuildTrainingSetAsync(
                    request, RowsOf(invocation, columns, cancellation), invocation, new CallOptions(cancellationToken: cancellation)).ConfigureAwait(false);
                invocation.Print(answer, Print);
            });
    }

    /// <summary>Refuses what can be told to be wrong without a server.</summary>
    /// <exception cref="UsageException">There is no spine, or there are two, or it cannot be read.</exception>
    public static async Task RequireOneSpineAsync(Invocation invocation, CancellationToken cancellation)
    {
        if (invocation.Get(Spine) is null == invocation.Get(FromPredictions) is null)
            throw new UsageException("Say which rows to join onto: either --spine FILE or --from-predictions MODEL.");
        if (invocation.Get(Spine) is { } path) await SpineFile.CheckAsync(path, invocation.Get(SpineFile.Format), cancellation).ConfigureAwait(false);
    }

    /// <summary>The spine's rows; null for recorded predictions.</summary>
    public static IAsyncEnumerable<SpineRow>? RowsOf(Invocation invocation, SpineColumns? columns, CancellationToken cancellation) =>
        invocation.Get(Spine) is { } path ? SpineFile.ReadAsync(path, invocation.Get(SpineFile.Format), columns!, cancellation) : null;

    public static Knowledge KnowledgeOf(Invocation invocation) =>
        invocation.Get(Knowledge) == "latest" ? Api.V1.Knowledge.Latest : Api.V1.Knowledge.Recorded;

    public static void Print(TextWriter writer, TrainingSet set)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rows      {set.Rows:N0}, {set.Labelled:N0} labelled, {set.Leaks:N0} leaks"));
        if (set.Unreadable > 0)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"left out  {set.Unreadable:N0} predictions and outcomes that cannot be read, the first at position {set.UnreadablePosition}"));
        if (set.Hindsight) writer.WriteLine("hindsight rows may hold what was recorded after their time (--knowledge latest); the manifest says so");
        if (set.StatedRows > 0)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"knownAt   {set.StatedRows:N0} rows state their own; {set.StatedLaterRows:N0} of them hold what was recorded after their time, and the manifest says so"));
        writer.WriteLine($"file      {set.Path}  sha256 {set.FileDigest}");
        writer.WriteLine($"manifest  sha256 {set.Digest}, known at position {set.Position}");
    }

    private static Option<string> CreateKnowledge()
    {
        var option = new Option<string>("--knowledge")
        {
            Description = "recorded: each row holds only what was recorded by its time; latest: all that is known now, marked as hindsight.",
            DefaultValueFactory = _ => "recorded",
        };
        option.AcceptOnlyFromAmong("recorded", "latest");
        return option;
    }
}
