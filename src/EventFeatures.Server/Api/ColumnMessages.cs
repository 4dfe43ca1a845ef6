using EventFeatures.Api.V1;
using EventFeatures.Application.Catalog;
using Google.Protobuf.WellKnownTypes;
using ColumnEdgeMessage = EventFeatures.Api.V1.ColumnEdge;

namespace EventFeatures.Server.Api;

internal static class ColumnMessages
{
    public static ColumnSubject SubjectOf(ColumnLineageRequest request) => new()
    {
        Field = Fields.TextOrNone(request.Field),
        Feature = Fields.TextOrNone(request.Feature),
        View = Fields.TextOrNone(request.View),
        Service = Fields.TextOrNone(request.Service),
        Model = Fields.TextOrNone(request.Model),
    };

    public static ExportOpenLineage ExportOf(OpenLineageRequest request)
    {
        var subject = new ColumnSubject
        {
            Field = Fields.TextOrNone(request.Field),
            Feature = Fields.TextOrNone(request.Feature),
            View = Fields.TextOrNone(request.View),
            Service = Fields.TextOrNone(request.Service),
            Model = Fields.TextOrNone(request.Model),
        };
        var export = new ExportOpenLineage { Subject = subject == new ColumnSubject() ? null : subject, PredictionId = Fields.TextOrNone(request.PredictionId) };
        return request.Namespace.Length > 0 ? export with { Namespace = request.Namespace } : export;
    }

    public static ColumnLineageResponse Of(ColumnLineage lineage) => new()
    {
        Subjects = { lineage.Subjects.Select(Of) },
        Upstream = { lineage.Upstream.Select(Of) },
        Downstream = { lineage.Downstream.Select(Of) },
    };

    public static OpenLineageResponse Of(IReadOnlyList<string> events) => new() { Events = { events.Select(Struct.Parser.ParseJson) } };

    private static ColumnEdgeMessage Of(ColumnStep step) => new()
    {
        From = Of(step.Edge.From),
        To = Of(step.Edge.To),
        Use = step.Edge.Use.Name,
        Text = step.Edge.Text,
        Type = step.Edge.Use.Type,
        Subtype = step.Edge.Use.Subtype,
        Distance = step.Distance,
    };

    private static LineageColumn Of(ColumnNode node) => new()
    {
        Kind = node.Kind.ToString().ToLowerInvariant(), Owner = node.Owner, Name = node.Name, Id = node.ToString(),
    };
}
