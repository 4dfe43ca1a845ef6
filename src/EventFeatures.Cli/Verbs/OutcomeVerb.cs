using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>outcome</c>: records what became of a prediction.</summary>
internal static class OutcomeVerb
{
    public static Command Create()
    {
        var prediction = new Option<string>("--prediction") { Description = "The prediction's id.", HelpName = "ID", Required = true };
        var label = new Option<double>("--label") { Description = "What happened: 1 or 0, or a number.", HelpName = "N", Required = true };
        var id = new Option<string?>("--id") { Description = "The outcome's id; recording it again changes nothing. Default: a new one.", HelpName = "ID" };
        var occurredAt = new Option<string?>("--occurred-at") { Description = "When it happened. Default: now.", HelpName = "TIME" };
        var source = new Option<string>("--source") { Description = "Where it is known from, for example chargebacks.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        return new Command("outcome", "Record what became of a prediction; a later one corrects, and history is kept.") { prediction, label, id, occurredAt, source }
            .Does(async (invocation, cancellation) =>
            {
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Inference.RecordOutcomeAsync(
                    new RecordOutcomeRequest
                    {
                        PredictionId = invocation.Get(prediction),
                        OutcomeId = invocation.Get(id) ?? Guid.NewGuid().ToString(),
                        Label = invocation.Get(label),
                        OccurredAt = invocation.Get(occurredAt) ?? "",
                        Source = invocation.Get(source),
                    },
                    cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, (writer, outcome) => writer.WriteLine($"recorded outcome {outcome.OutcomeId}, position {outcome.Position}"));
            });
    }
}
