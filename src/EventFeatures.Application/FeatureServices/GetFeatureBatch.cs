using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.FeatureServices;

/// <summary>Reads the same features for many sets of entities, all at one instant. Give a service or the others.</summary>
/// <param name="Rows">For whom, at least one and at most <see cref="RowsMax"/>.</param>
public sealed record GetFeatureBatch(IReadOnlyList<FeatureBatchRow> Rows) : IRequest<FeatureBatchAnswer>
{
    /// <summary>How many rows one call may ask for.</summary>
    public const int RowsMax = 1_000;

    /// <summary>A feature service, <c>name@v1</c> or <c>name</c> for its newest version.</summary>
    public string? Service { get; init; }

    /// <summary>Views, each <c>name@v1</c> or <c>name</c> for the version that serves.</summary>
    public IReadOnlyList<string> Views { get; init; } = [];

    /// <summary>Single features by their full names, <c>view__feature</c>, pinned as <c>view__feature@v2</c>.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>The instant that the values describe; null: the server's clock.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>The last position that may be used; null: all that the views know.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>A consistency token: see at least this much, or fail within the deadline.</summary>
    public Position? MinPosition { get; init; }
}

/// <summary>One row of a batch.</summary>
/// <param name="Entities">The entities' keys by entity name, or part by part under the names of the key's parts.</param>
/// <param name="Context">What the request itself brings, for on-demand features.</param>
public sealed record FeatureBatchRow(IReadOnlyDictionary<string, string> Entities, IReadOnlyDictionary<string, Value> Context);

/// <summary>The rows' features with what they rest on.</summary>
/// <param name="AsOf">The instant that all values describe.</param>
/// <param name="Names">The features, in the order of every row's values.</param>
/// <param name="Rows">In the order of the request.</param>
/// <param name="Views">Each view that was read with its backlog, in the order of every row's uses.</param>
public sealed record FeatureBatchAnswer(
    Instant AsOf, IReadOnlyList<string> Names, IReadOnlyList<FeatureBatchVector> Rows, IReadOnlyList<ViewStatus?> Views);

/// <summary>One row's features.</summary>
public sealed record FeatureBatchVector(IReadOnlyList<ServiceValue> Values, IReadOnlyList<ViewUse> Views);

internal sealed class GetFeatureBatchValidator : AbstractValidator<GetFeatureBatch>
{
    public GetFeatureBatchValidator()
    {
        RuleFor(query => query.Rows).NotEmpty().WithMessage("Give at least one row.");
        RuleFor(query => query.Rows.Count).LessThanOrEqualTo(GetFeatureBatch.RowsMax).OverridePropertyName("rows")
            .WithMessage(query => $"There are {query.Rows.Count} rows; one call reads at most {GetFeatureBatch.RowsMax}. Split them.");
        RuleForEach(query => query.Rows).Must(row => row.Entities.Count > 0).WithMessage("Give at least one entity's key.");
        RuleFor(query => query.Service).Must((query, service) => string.IsNullOrEmpty(service) != (query.Views.Count + query.Features.Count == 0))
            .WithMessage("Give either a service, or views and features.");
        RuleFor(query => query.MinPosition).Null().When(query => query.KnownAt is not null)
            .WithMessage("A known-at position states what may be known; a consistency token has no meaning beside it. Leave one out.");
    }
}

internal sealed class GetFeatureBatchHandler(IRegistry registry, IOnlineViews online, IBatchViews batch, IEventLog log, TimeProvider clock)
    : IRequestHandler<GetFeatureBatch, FeatureBatchAnswer>
{
    private readonly FeatureReader _reader = new(online, batch);

    public async Task<FeatureBatchAnswer> Handle(GetFeatureBatch request, CancellationToken cancellationToken)
    {
        var service = ServiceCatalog.Find(registry.Current, request.Service, request.Views, request.Features);
        var asOf = request.AsOf ?? Instant.FromDateTimeOffset(clock.GetUtcNow());
        var (keys, contexts) = Bind(service, request.Rows);
        if (request.KnownAt is { } stated) await KnownAtPosition.OfAsync(log, stated, cancellationToken);
        var rows = new FeatureBatchVector[request.Rows.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var reading = await _reader.ReadAsync(service, keys[i], contexts[i], asOf, request.KnownAt, request.MinPosition, cancellationToken);
            rows[i] = new FeatureBatchVector(reading.Vector.Values, reading.Views);
        }
        return new FeatureBatchAnswer(asOf, service.InputNames, rows, [.. service.Views.Select(view => online.StatusOf(view.Reference))]);
    }

    /// <summary>Every row's keys and context, before any is read: what is wrong with all rows is told at once.</summary>
    private static (IReadOnlyList<string>[] Keys, IReadOnlyList<Value>[] Contexts) Bind(CompiledService service, IReadOnlyList<FeatureBatchRow> rows)
    {
        var failures = new List<CommandFailure>();
        var keys = new IReadOnlyList<string>[rows.Count];
        var contexts = new IReadOnlyList<Value>[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            try
            {
                keys[i] = FeatureReader.Keys(nameof(GetFeatureBatch), service, rows[i].Entities);
                contexts[i] = FeatureReader.Context(nameof(GetFeatureBatch), service, rows[i].Context);
            }
            catch (CommandInvalidException invalid)
            {
                failures.AddRange(invalid.Failures.Select(failure => failure with { Field = $"rows[{i}].{failure.Field}" }));
            }
        }
        return failures.Count == 0 ? (keys, contexts) : throw new CommandInvalidException(nameof(GetFeatureBatch), failures);
    }
}
