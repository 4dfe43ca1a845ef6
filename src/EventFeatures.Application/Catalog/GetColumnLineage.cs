using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Models;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureViews;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Catalog;

/// <summary>What a column, view, service or model rests on, and what rests on it.</summary>
/// <param name="Subject">What is asked about.</param>
public sealed record GetColumnLineage(ColumnSubject Subject) : IRequest<ColumnLineage>;

/// <summary>What the lineage of columns is asked about: one of these, or of a service one input.</summary>
public sealed record ColumnSubject
{
    /// <summary>A contract's field, <c>payments.authorisation/1#amount</c>; without the version, of the newest.</summary>
    public string? Field { get; init; }

    /// <summary>A feature by its full name, <c>view__feature</c> or <c>view__feature@v2</c>; beside a service, the name of one of its inputs.</summary>
    public string? Feature { get; init; }

    /// <summary>A view, <c>name@v1</c> or <c>name</c> for the version that serves: all its features.</summary>
    public string? View { get; init; }

    /// <summary>A feature service, <c>name@v1</c> or <c>name</c> for its newest version.</summary>
    public string? Service { get; init; }

    /// <summary>A model family.</summary>
    public string? Model { get; init; }

    /// <summary>How many of them are given, a service's input counted with the service.</summary>
    internal int Count => new[] { Field, Service is null ? Feature : null, View, Service, Model }.Count(one => one is not null);
}

/// <summary>The part of the column graph that hangs together with what was asked about.</summary>
/// <param name="Subjects">What was asked about, as nodes; several where it was a view, or a field with fields inside.</param>
/// <param name="Upstream">What they rest on, the nearest first.</param>
/// <param name="Downstream">What rests on them, the nearest first.</param>
public sealed record ColumnLineage(IReadOnlyList<ColumnNode> Subjects, IReadOnlyList<ColumnStep> Upstream, IReadOnlyList<ColumnStep> Downstream);

internal sealed class GetColumnLineageValidator : AbstractValidator<GetColumnLineage>
{
    public GetColumnLineageValidator() => RuleFor(query => query.Subject).SetValidator(new ColumnSubjectValidator());
}

internal sealed class ColumnSubjectValidator : AbstractValidator<ColumnSubject>
{
    public ColumnSubjectValidator()
    {
        RuleFor(subject => subject.Count).Equal(1).OverridePropertyName("subject")
            .WithMessage("Name one: a field (contract/1#field), a feature (view__feature), a view, a service or a model.");
        RuleFor(subject => subject.Field).Must(field => field!.IndexOf('#', StringComparison.Ordinal) is > 0 and var at && at < field.Length - 1).When(subject => subject.Field is not null)
            .WithMessage("Write a field as contract/1#field, for example payments.authorisation/1#amount.");
    }
}

internal sealed class GetColumnLineageHandler(IRegistry registry) : IRequestHandler<GetColumnLineage, ColumnLineage>
{
    public Task<ColumnLineage> Handle(GetColumnLineage request, CancellationToken cancellationToken)
    {
        var registered = registry.Current;
        var graph = ColumnGraphs.Of(registered);
        var subjects = ColumnSubjects.Find(request.Subject, registry, graph);
        return Task.FromResult(new ColumnLineage(subjects, graph.Upstream(subjects), graph.Downstream(subjects)));
    }
}

/// <summary>Finds the nodes of what a person names, or refuses with what there is.</summary>
internal static class ColumnSubjects
{
    public static IReadOnlyList<ColumnNode> Find(ColumnSubject subject, IRegistry registry, ColumnGraph graph)
    {
        var registered = registry.Current;
        if (subject.Field is { } field) return FieldsOf(field, registered, graph);
        if (subject.Service is { } service) return [ServiceOf(service, subject.Feature, registered)];
        if (subject.Feature is { } feature)
        {
            var found = ServiceCatalog.Find(registered, null, [], [feature]);
            return [new ColumnNode(ColumnKind.Feature, found.Views[0].Reference.ToString(), found.Service.Features[0].Feature!)];
        }
        if (subject.View is { } view)
        {
            var found = ServiceCatalog.View(registered, view).View;
            return [.. found.Features.Select(one => new ColumnNode(ColumnKind.Feature, found.Reference, one.Name))];
        }
        return [new ColumnNode(ColumnKind.Model, ModelFamily.Find(ModelFamily.Current(registry), subject.Model!).Definition.Name, "")];
    }

    /// <summary>The field and, where it is an object, the fields inside it.</summary>
    private static List<ColumnNode> FieldsOf(string text, RegistrySnapshot registered, ColumnGraph graph)
    {
        var at = text.IndexOf('#', StringComparison.Ordinal);
        var (reference, name) = (text[..at], text[(at + 1)..]);
        var contract = ContractOf(reference, registered);
        var known = contract.EventTypes.Values.SelectMany(type => type.Fields).Select(field => field.Name).Distinct().ToList();
        var node = new ColumnNode(ColumnKind.Field, contract.Reference, name);
        if (!graph.Has(node))
            throw Decision.Rejected(
                "field-unknown", $"The contract {contract.Reference} has no field '{name}'.{Suggestion.For(name, known)}",
                $"It has {string.Join(", ", known)}; of the envelope, {string.Join(", ", ColumnUses.Envelope)}.");
        return [node, .. known.Where(inner => inner.StartsWith(name + ".", StringComparison.Ordinal)).Select(inner => node with { Name = inner })];
    }

    private static DataContract ContractOf(string reference, RegistrySnapshot registered) => registered.Contracts.Values
        .Where(contract => contract.Reference == reference || contract.Name == reference)
        .MaxBy(contract => contract.Version)
        ?? throw Decision.Rejected(
            "contract-unknown", $"There is no contract '{reference}'.{Suggestion.For(reference, registered.Contracts.Keys)}",
            ServiceCatalog.Known(registered.Contracts.Keys, "contracts"));

    private static ColumnNode ServiceOf(string reference, string? input, RegistrySnapshot registered)
    {
        var service = ServiceCatalog.Find(registered, reference).Service;
        if (input is null) return new ColumnNode(ColumnKind.Service, service.Reference, "");
        var known = service.Features.Select(feature => feature.Name).ToList();
        return known.Contains(input) ? new ColumnNode(ColumnKind.Input, service.Reference, input) : throw Decision.Rejected(
            "feature-unknown", $"The feature service {service.Reference} has no input '{input}'.{Suggestion.For(input, known)}", $"It has {string.Join(", ", known)}.");
    }
}
