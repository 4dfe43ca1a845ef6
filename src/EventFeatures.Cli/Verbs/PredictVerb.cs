using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>predict</c>: asks a model's champion.</summary>
internal static class PredictVerb
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The model's name, for example fraud.", HelpName = "NAME", Required = true };
        var id = new Option<string?>("--id") { Description = "The prediction's id; asking again with it answers the first result. Default: a new one.", HelpName = "ID" };
        var entities = new Option<string[]>("--entity") { Description = "An entity's key, for example card=4929; may be given again.", HelpName = "NAME=KEY", Required = true };
        var context = ContextOption.Create();
        var asOf = new Option<string?>("--as-of") { Description = "The instant the decision is about. Default: now.", HelpName = "TIME" };
        var knownAt = new Option<ulong?>("--known-at") { Description = "Answer with what was known at this position.", HelpName = "P" };
        var minPosition = new Option<ulong>("--min-position") { Description = "Wait until the views have seen this position (an append's answer).", HelpName = "P" };
        return new Command("predict", "Ask a model's champion for a decision, which is recorded before it is answered.")
            { model, id, entities, context, asOf, knownAt, minPosition }
            .Does(async (invocation, cancellation) =>
            {
                var request = new PredictRequest
                {
                    Model = invocation.Get(model),
                    PredictionId = invocation.Get(id) ?? Guid.NewGuid().ToString(),
                    AsOf = invocation.Get(asOf) ?? "",
                    MinPosition = invocation.Get(minPosition),
                };
                if (invocation.Get(knownAt) is { } position) request.KnownAt = position;
                foreach (var (name, key) in KeyValueOption.Parse("--entity", invocation.Get(entities))) request.Entities[name] = key;
                var typed = ContextOption.Typed(invocation.Get(context));
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                request.Context.Add(await ContextOption.ReadAsync(typed, () => SpineColumns.OfPredictionsAsync(api, invocation.Get(model)!, cancellation)).ConfigureAwait(false));
                var answer = await api.Inference.PredictAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, (writer, made) => Print(writer, made, invocation));
            });
    }

    private static void Print(TextWriter writer, Prediction answer, Invocation invocation)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{answer.Decision}  score {answer.Score:R}  threshold {answer.Threshold:R}  {answer.Model}{(answer.ModelVersion > 0 ? $" v{answer.ModelVersion}" : "")} ({answer.Route})"));
        if (answer.FallbackReason.Length > 0) writer.WriteLine($"fallback: {answer.FallbackReason}");
        if (answer.RepeatedRequest) writer.WriteLine("answered before; this is the first result");
        FeatureTable.Print(writer, answer.Features);
        writer.WriteLine($"prediction {answer.PredictionId}, position {answer.Position}");
        writer.WriteLine($"next: {invocation.Next("lineage")} --prediction {answer.PredictionId}");
    }
}
