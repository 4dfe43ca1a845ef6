using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>features get</c>: reads the online views.</summary>
internal static class FeaturesVerb
{
    public static Command Create() => new("features", "Read features.") { Get(), FeatureBatchVerb.Create(), FeatureWatchVerb.Create() };

    private static Command Get()
    {
        var service = new Option<string?>("--service") { Description = "A feature service, for example fraud@v1.", HelpName = "NAME" };
        var features = new Option<string[]>("--feature")
        {
            Description = "A feature by its full name, view__feature; may be given again.",
            HelpName = "NAME",
        };
        var entities = new Option<string[]>("--entity") { Description = "An entity's key, for example card=4929; may be given again.", HelpName = "NAME=KEY", Required = true };
        var context = ContextOption.Create();
        var asOf = new Option<string?>("--as-of") { Description = "The instant the values describe. Default: now.", HelpName = "TIME" };
        var minPosition = new Option<ulong>("--min-position") { Description = "Wait until the views have seen this position (an append's answer).", HelpName = "P" };
        var maxStaleness = new Option<string?>("--max-staleness") { Description = "How old a precomputed vector may be, for example 500ms; 0s computes now. Default: what the service allows.", HelpName = "TIME" };
        return new Command("get", "Read the features of an entity, by service or by name.") { service, features, entities, context, asOf, minPosition, maxStaleness }
            .Does(async (invocation, cancellation) =>
            {
                var request = new GetFeaturesRequest
                {
                    Service = invocation.Get(service) ?? "",
                    Features = { invocation.Get(features) ?? [] },
                    AsOf = invocation.Get(asOf) ?? "",
                    MinPosition = invocation.Get(minPosition),
                    MaxStaleness = invocation.Get(maxStaleness) ?? "",
                };
                if (request.Service.Length == 0 && request.Features.Count == 0)
                    throw new UsageException("Name what to read: --service fraud@v1, or --feature view__feature.");
                foreach (var (name, key) in KeyValueOption.Parse("--entity", invocation.Get(entities))) request.Entities[name] = key;
                var typed = ContextOption.Typed(invocation.Get(context));
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                request.Context.Add(await ContextOption.ReadAsync(typed, () => request.Service.Length == 0
                    ? Task.FromResult(SpineColumns.Unknown)
                    : SpineColumns.OfServiceAsync(api, request.Service, cancellation)).ConfigureAwait(false));
                var answer = await api.Features.GetFeaturesAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, Print);
            });
    }

    private static void Print(TextWriter writer, GetFeaturesResponse answer)
    {
        writer.WriteLine(answer.Precomputed is { } precomputed
            ? string.Create(CultureInfo.InvariantCulture, $"as of {answer.AsOf}, precomputed {precomputed.AgeSeconds:0.000} s ago (at most {precomputed.MaxStalenessSeconds:0.###} s)")
            : $"as of {answer.AsOf}");
        FeatureTable.Print(writer, answer.Features);
        foreach (var view in answer.Views)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{view.View} known at position {view.KnownAt}"));
    }
}
