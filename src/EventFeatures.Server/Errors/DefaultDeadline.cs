using System.Collections.Frozen;
using System.Globalization;
using EventFeatures.Server.Load;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Server.Errors;

/// <summary>Gives every call that states no deadline one, so that no call can hang for ever; but for subscriptions, which have no end.</summary>
public static class DefaultDeadline
{
    private const string GrpcTimeout = "grpc-timeout";

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    // Work whose length grows with the log, and streams that live as long as their client.
    private static readonly TimeSpan Long = TimeSpan.FromHours(6);

    private static readonly string UsualText = TextOf(Usual);
    private static readonly string LongText = TextOf(Long);

    private static readonly string[] LongCalls =
    [
        "/AppendStream", "/Replay", "/TrainModel", "/TrainModelWithProgress", "/BuildTrainingSet", "/BuildTrainingSetWithProgress",
        "/TrainModelFromRows", "/BuildTrainingSetFromRows", "/ExportView", "/Lineage", "/EventLineage", "/ValueLineage", "/lineage", "/lineage/values", "/CheckConsistency", "/audit/consistency", "/ListQuarantine", "/GetQuarantined", "/Redrive", "/Discard", "/EvaluateModel", "/Scavenge", "/CopyLog", "/RebuildView", "/Watch", "/ServerReflectionInfo",
        "/audit/replay", ":train", "/trainingsets", "/performance",
    ];

    // Over HTTP an entry's id comes last.
    private const string Quarantine = "/v1/quarantine";

    // They end when their caller ends them, when he reads nothing for a time, or with the server.
    private static readonly string[] EndlessCalls = [".Features/Subscribe", "features:subscribe"];

    // What is looked up for every call is looked up whole: the methods that there are, each with its deadline.
    private static readonly FrozenDictionary<string, TimeSpan?> OfMethods = CallPriorities.Methods.ToFrozenDictionary(method => method, Of, StringComparer.Ordinal);

    internal static Task ApplyAsync(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path.Value ?? "";
        if ((OfMethods.TryGetValue(path, out var known) ? known : Of(path)) is not { } deadline) return next(http);
        if (!IsGrpc(http)) return LimitAsync(http, next, deadline);
        if (!http.Request.Headers.ContainsKey(GrpcTimeout)) http.Request.Headers[GrpcTimeout] = deadline == Long ? LongText : UsualText;
        return next(http);
    }

    internal static bool IsGrpc(HttpContext http) =>
        http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    private static async Task LimitAsync(HttpContext http, RequestDelegate next, TimeSpan deadline)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limited.CancelAfter(deadline);
        http.RequestAborted = limited.Token;
        await next(http);
    }

    /// <summary>The deadline of a call by its path; null where it has none.</summary>
    public static TimeSpan? Of(string path) =>
        EndlessCalls.Any(call => path.EndsWith(call, StringComparison.Ordinal)) ? null
        : path.StartsWith(Quarantine, StringComparison.Ordinal) || LongCalls.Any(call => path.EndsWith(call, StringComparison.Ordinal)) ? Long
        : Usual;

    private static string TextOf(TimeSpan deadline) => ((long)deadline.TotalSeconds).ToString(CultureInfo.InvariantCulture) + "S";
}
