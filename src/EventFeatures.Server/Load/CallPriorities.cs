using EventFeatures.Api.V1;
using EventFeatures.Server.OpenApi;
using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Server.Load;

/// <summary>Which priority each call has. Health, metrics and reflection have none: they are answered whatever happens.</summary>
internal static class CallPriorities
{
    public const string Append = "/eventfeatures.v1.Events/Append";
    public const string AppendStream = "/eventfeatures.v1.Events/AppendStream";

    public const string Subscribe = "/eventfeatures.v1.Features/Subscribe";

    private static readonly Dictionary<string, CallPriority> ByMethod = new(StringComparer.Ordinal)
    {
        [Append] = CallPriority.Writing,
        [AppendStream] = CallPriority.Writing,
        ["/eventfeatures.v1.Features/GetFeatures"] = CallPriority.Serving,
        ["/eventfeatures.v1.Features/GetFeatureBatch"] = CallPriority.Serving,
        [Subscribe] = CallPriority.Bulk,
        ["/eventfeatures.v1.Features/GetStatus"] = CallPriority.Serving,
        ["/eventfeatures.v1.Inference/Predict"] = CallPriority.Serving,
        ["/eventfeatures.v1.Inference/GetPrediction"] = CallPriority.Serving,
        ["/eventfeatures.v1.Inference/RecordOutcome"] = CallPriority.Serving,
        ["/eventfeatures.v1.Inference/EvaluateModel"] = CallPriority.Background,
        ["/eventfeatures.v1.Registry/Plan"] = CallPriority.Serving,
        ["/eventfeatures.v1.Registry/Apply"] = CallPriority.Serving,
        ["/eventfeatures.v1.Registry/Get"] = CallPriority.Serving,
        ["/eventfeatures.v1.Registry/List"] = CallPriority.Serving,
        // Rolling a bad model or view back is a promotion or a switch, and cannot wait.
        ["/eventfeatures.v1.Registry/PromoteModel"] = CallPriority.Serving,
        ["/eventfeatures.v1.Registry/SwitchView"] = CallPriority.Serving,
        ["/eventfeatures.v1.Registry/RetireView"] = CallPriority.Writing,
        ["/eventfeatures.v1.Registry/ReviveView"] = CallPriority.Writing,
        ["/eventfeatures.v1.Registry/RegisterModel"] = CallPriority.Writing,
        ["/eventfeatures.v1.Registry/BuildTrainingSet"] = CallPriority.Background,
        ["/eventfeatures.v1.Registry/BuildTrainingSetWithProgress"] = CallPriority.Background,
        ["/eventfeatures.v1.Registry/BuildTrainingSetFromRows"] = CallPriority.Background,
        ["/eventfeatures.v1.Registry/ExportView"] = CallPriority.Background,
        ["/eventfeatures.v1.Registry/TrainModel"] = CallPriority.Background,
        ["/eventfeatures.v1.Registry/TrainModelWithProgress"] = CallPriority.Background,
        ["/eventfeatures.v1.Registry/TrainModelFromRows"] = CallPriority.Background,
        ["/eventfeatures.v1.Audit/Replay"] = CallPriority.Background,
        ["/eventfeatures.v1.Maintenance/Scavenge"] = CallPriority.Background,
        ["/eventfeatures.v1.Maintenance/CopyLog"] = CallPriority.Background,
        ["/eventfeatures.v1.Maintenance/TranslatePosition"] = CallPriority.Serving,
        ["/eventfeatures.v1.Quarantine/Redrive"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Quarantine/Discard"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Quarantine/ListQuarantine"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Quarantine/GetQuarantined"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Maintenance/RebuildView"] = CallPriority.Background,
        ["/eventfeatures.v1.Audit/CheckConsistency"] = CallPriority.Background,
        ["/eventfeatures.v1.Audit/EventLineage"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Audit/Lineage"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Audit/ValueLineage"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Audit/ColumnLineage"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Audit/OpenLineage"] = CallPriority.Bulk,
        ["/eventfeatures.v1.Audit/ListPredictions"] = CallPriority.Bulk,
    };

    /// <summary>The full names of all methods that have one.</summary>
    public static IReadOnlyCollection<string> Methods => ByMethod.Keys;

    /// <summary>Of a gRPC method by its full name.</summary>
    public static CallPriority? Of(string method) => ByMethod.TryGetValue(method, out var priority) ? priority : null;

    /// <summary>Of a call before its message is read, over gRPC or HTTP alike.</summary>
    public static CallPriority? Of(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is { } grpc ? Of(grpc.Method.FullName)
        : http.Request.Path == CloudEventPaths.Path ? CallPriority.Writing
        : null;

    /// <summary>Whether a call over HTTP appends events.</summary>
    public static bool IsAppend(HttpContext http) =>
        http.Request.Path == CloudEventPaths.Path || http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName == Append;

    /// <summary>Of an append, which says itself what it is.</summary>
    public static CallPriority Of(AppendPriority stated) => stated == AppendPriority.Bulk ? CallPriority.Bulk : CallPriority.Writing;

    /// <summary>What a message weighs while it is worked on.</summary>
    public static long BytesOf<T>(T message) => message is IMessage known ? known.CalculateSize() : 0;
}
