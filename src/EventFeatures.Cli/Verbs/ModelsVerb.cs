using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files;
using EventFeatures.Cli.Files.Spines;
using EventFeatures.Cli.Output;
using Google.Protobuf;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>models</c>: trains, registers, promotes and shows models.</summary>
internal static class ModelsVerb
{
    // What the server takes in one message, less room for the message itself.
    private const long OnnxBytesMax = 60 * 1024 * 1024;

    private static readonly Argument<string> Name = new("MODEL") { Description = "The model's name, for example fraud." };

    public static Command Create() => new("models", "Train, register, promote and show models.") { Show(), Train(), Register(), Promote() };

    private static Command Show() =>
        new Command("show", "Show a model's versions and its champion.") { Name }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var answer = await api.Registry.GetAsync(
                new GetDefinitionRequest { Kind = "Model", Name = invocation.Get(Name) }, cancellationToken: cancellation).ConfigureAwait(false);
            invocation.Print(answer, (writer, detail) =>
            {
                foreach (var version in detail.ModelVersions)
                    writer.WriteLine($"{(version.Version == detail.ChampionVersion ? "champion" : "        ")}  v{version.Version}  {Describe(version)}");
                if (detail.ModelVersions.Count == 0)
                    writer.WriteLine($"No version is registered. Next: {invocation.Next("models train")} {detail.Summary.Name} --spine FILE.jsonl");
            });
        });

    private static Command Train() =>
        new Command("train", "Train the built-in logistic regression on a point-in-time training set, and register it.")
            { Name, TrainingSetVerb.Spine, SpineFile.Format, TrainingSetVerb.FromPredictions, TrainingSetVerb.Knowledge }
            .Does(async (invocation, cancellation) =>
            {
                await TrainingSetVerb.RequireOneSpineAsync(invocation, cancellation).ConfigureAwait(false);
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var columns = await SpineColumns.OfModelAsync(api, invocation.Get(Name)!, cancellation).ConfigureAwait(false);
                var request = new TrainModelRequest
                {
                    Model = invocation.Get(Name),
                    FromPredictionsOf = invocation.Get(TrainingSetVerb.FromPredictions) ?? "",
                    Knowledge = TrainingSetVerb.KnowledgeOf(invocation),
                    Actor = invocation.Actor,
                };
                var answer = await api.TrainModelAsync(
                    request, TrainingSetVerb.RowsOf(invocation, columns, cancellation), invocation, new CallOptions(cancellationToken: cancellation)).ConfigureAwait(false);
                invocation.Print(answer, (writer, trained) =>
                {
                    TrainingSetVerb.Print(writer, trained.TrainingSet);
                    writer.WriteLine($"model     {request.Model} v{trained.Version.Version}  {Describe(trained.Version)}");
                    writer.WriteLine($"next: {invocation.Next("models promote")} {request.Model} --version {trained.Version.Version}");
                });
            });

    private static Command Register()
    {
        var file = new Option<string>("--file") { Description = "The ONNX file: one float input [n, features], one probability out.", HelpName = "FILE.onnx", Required = true };
        return new Command("register", "Register a model's bytes; they are named by their SHA-256.") { Name, file }.Does(async (invocation, cancellation) =>
        {
            var request = new RegisterModelRequest
            {
                Model = invocation.Get(Name),
                Onnx = UnsafeByteOperations.UnsafeWrap(UserFile.ReadBytes(invocation.Get(file)!, OnnxBytesMax)),
                Actor = invocation.Actor,
            };
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var answer = await api.Registry.RegisterModelAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
            invocation.Print(answer, (writer, registered) => 
            {
                writer.WriteLine($"registered {request.Model} v{registered.Version.Version}  {Describe(registered.Version)}");
                writer.WriteLine($"next: {invocation.Next("models promote")} {request.Model} --version {registered.Version.Version}");
            });
        });
    }

    private static Command Promote()
    {
        var version = new Option<int>("--version") { Description = "The version that is to serve.", HelpName = "N", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why, as it is recorded.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        return new Command("promote", "Make a version the champion, which serves from then on.") { Name, version, reason }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var answer = await api.Registry.PromoteModelAsync(
                new PromoteModelRequest
                {
                    Model = invocation.Get(Name),
                    Version = invocation.Get(version),
                    Reason = invocation.Get(reason),
                    Actor = invocation.Actor,
                },
                cancellationToken: cancellation).ConfigureAwait(false);
            invocation.Print(answer, (writer, promoted) => writer.WriteLine($"champion is now {invocation.Get(Name)} v{invocation.Get(version)}, position {promoted.Position}"));
        });
    }

    private static string Describe(ModelVersion version) =>
        $"sha256 {version.Digest[..Math.Min(12, version.Digest.Length)]}  reads {version.Service}  " +
        string.Join("  ", version.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal)
            .Select(metric => $"{metric.Key} {metric.Value.ToString("0.####", CultureInfo.InvariantCulture)}"));
}
