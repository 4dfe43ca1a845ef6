using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Pipeline;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.TrainingSets.Consistency;

/// <summary>
/// Compares every vector that was served, and what the online views answer now, with the batch views, bit for bit. Of
/// served vectors each is derived from the batch view's rows at its own time and position. Of the online views every entity
/// with an event in the period is read at its newest one.
/// </summary>
/// <param name="Service">The feature service, <c>name@v1</c> or <c>name</c> for every version's predictions.</param>
public sealed record CheckConsistency(string Service) : IRequest<ConsistencyReport>
{
    /// <summary>The period's begin, included: of predictions' as-of times, and of event times; null: without bound.</summary>
    public Instant? From { get; init; }

    /// <summary>The period's end, included; null: without bound.</summary>
    public Instant? To { get; init; }

    /// <summary>Hears the part, served or online, and how many vectors of it were compared.</summary>
    public Action<string, long>? Progress { get; init; }
}

/// <summary>What a comparison found.</summary>
/// <param name="Served">Predictions' recorded vectors beside the batch path.</param>
/// <param name="Online">The online views' answers beside the batch path.</param>
/// <param name="Mismatches">What differs, by path and feature; empty when all is the same.</param>
/// <param name="WithoutFeatures">Predictions that fell back before any feature was read: there is nothing to compare.</param>
/// <param name="NotComparable">Predictions whose definitions are gone, by the code that replay gives it.</param>
public sealed record ConsistencyReport(
    PathCounts Served, PathCounts Online, IReadOnlyList<FeatureMismatch> Mismatches, long WithoutFeatures, IReadOnlyDictionary<string, long> NotComparable)
{
    /// <summary>Whether everything that was compared is the same.</summary>
    public bool IsConsistent => Mismatches.Count == 0;
}

/// <summary>How much of a path was compared.</summary>
/// <param name="Vectors">How many vectors.</param>
/// <param name="Values">How many values in them.</param>
/// <param name="Differing">How many of the values differ.</param>
public sealed record PathCounts(long Vectors, long Values, long Differing);

/// <summary>One feature that differs from the batch path.</summary>
/// <param name="Path"><c>served</c> or <c>online</c>.</param>
/// <param name="Feature">The feature: its name in the service for a served one, <c>view__feature</c> for an online one.</param>
/// <param name="Count">How many of its values differ.</param>
/// <param name="Example">The first of them for people: whose it is, both values, and their time and position.</param>
public sealed record FeatureMismatch(string Path, string Feature, long Count, string Example);

internal sealed class CheckConsistencyValidator : AbstractValidator<CheckConsistency>
{
    public CheckConsistencyValidator()
    {
        RuleFor(query => query.Service).NotEmpty().WithMessage("Name the feature service.");
        RuleFor(query => query.To).Must((query, to) => query.From is null || to is null || query.From <= to).WithMessage("The period ends before it begins.");
    }
}

internal sealed class CheckConsistencyHandler(IRegistry registry, IOnlineViews online, IBatchViews batch, IEventLog log) : IRequestHandler<CheckConsistency, ConsistencyReport>
{
    private const int VectorsTogether = 1_000;

    private static readonly TimeSpan CatchUpMax = TimeSpan.FromMinutes(2);

    public async Task<ConsistencyReport> Handle(CheckConsistency request, CancellationToken cancellationToken)
    {
        var registered = registry.Current;
        var service = ServiceCatalog.Find(registered, request.Service);
        var head = await log.ReadHeadAsync(cancellationToken) ?? Position.Start;
        // Predictions of other versions of the service wait for their own views, as they are read.
        await batch.CaughtUpAsync([.. service.Views.Select(view => view.Reference)], head, CatchUpMax, cancellationToken);
        var tally = new ConsistencyTally();
        await CheckServedAsync(request, new ServedVectors(registered, batch), head, tally, cancellationToken);
        var views = new OnlineVectors(online, batch);
        foreach (var view in service.Views)
            await views.CheckAsync(view.View, null, (request.From, request.To), head, tally, compared => request.Progress?.Invoke(ConsistencyTally.Online, compared), cancellationToken);
        var report = tally.Report();
        Measure(report);
        return report;
    }

    internal static void Measure(ConsistencyReport report)
    {
        ApplicationTelemetry.ConsistencyCompared.Add(report.Served.Values, new KeyValuePair<string, object?>("path", ConsistencyTally.Served));
        ApplicationTelemetry.ConsistencyCompared.Add(report.Online.Values, new KeyValuePair<string, object?>("path", ConsistencyTally.Online));
        foreach (var mismatch in report.Mismatches)
            ApplicationTelemetry.ConsistencyMismatches.Add(mismatch.Count, new KeyValuePair<string, object?>("path", mismatch.Path), new KeyValuePair<string, object?>("feature", mismatch.Feature));
    }

    private async Task CheckServedAsync(CheckConsistency request, ServedVectors served, Position head, ConsistencyTally tally, CancellationToken cancellation)
    {
        DefinitionReference.TryParse(request.Service, out var wanted);
        var together = new List<PredictionMade>();
        var compared = 0L;
        await foreach (var recorded in log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByTypePrefix(PredictionMade.Type), cancellation: cancellation))
        {
            if (recorded.Position > head) break;
            if (!Dossiers.IsPrediction(recorded)) continue;
            if (ServedVectors.Read(recorded, tally) is not { } made) continue;
            if (!DefinitionReference.TryParse(made.Service, out var used) || used.Name != wanted.Name || (wanted.Version ?? used.Version) != used.Version) continue;
            if (made.AsOf < request.From || made.AsOf > request.To) continue;
            together.Add(made);
            if (together.Count < VectorsTogether) continue;
            await served.CheckAsync(together, head, tally, cancellation);
            request.Progress?.Invoke(ConsistencyTally.Served, compared += together.Count);
            together.Clear();
        }
        await served.CheckAsync(together, head, tally, cancellation);
    }
}
