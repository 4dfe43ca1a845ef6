using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>training-set</c>: joins features onto a spine, point in time.</summary>
internal static class TrainingSetVerb
{
    public static readonly Option<string> Spine = new("--spine")
    {
        Description = "The spine, a line {\"<entity>\": key, \"time\": …, \"label\": 0 or 1} a row; the service's context fields are columns too, and others are carried along.",
        HelpName = "FILE.jsonl",
        Required = true,
    };

    public static readonly Option<string> Knowledge = CreateKnowledge();

    public static Command Create()
    {
        var service = new Option<string>("--service") { Description = "The feature service, for example fraud@v1.", HelpName = "NAME", Required = true };
        return new Command("training-set", "Build a point-in-time training set: Parquet with a manifest; rows out = rows in, in order.") { service, Spine, Knowledge }
            .Does(async (invocation, cancellation) =>
            {
                var spine = await SpineFile.ReadAsync(invocation.Get(Spine)!, cancellation).ConfigureAwait(false);
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var columns = await SpineColumns.OfServiceAsync(api, invocation.Get(service)!, cancellation).ConfigureAwait(false);
                var request = new BuildTrainingSetRequest
                {
                    Service = invocation.Get(service),
                    Spine = { spine.Select(columns.RowOf) },
                    Knowledge = KnowledgeOf(invocation),
                };
                var answer = await api.BuildTrainingSetAsync(request, invocation, new CallOptions(cancellationToken: cancellation)).ConfigureAwait(false);
                invocation.Print(answer, Print);
            });
    }

    public static Knowledge KnowledgeOf(Invocation invocation) =>
        invocation.Get(Knowledge) == "latest" ? Api.V1.Knowledge.Latest : Api.V1.Knowledge.Recorded;

    public static void Print(TextWriter writer, TrainingSet set)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rows      {set.Rows:N0}, {set.Leaks:N0} leaks"));
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
