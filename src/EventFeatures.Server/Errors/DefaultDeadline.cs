using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Server.Errors;

/// <summary>Gives every call that states no deadline one, so that no call can hang for ever; but for subscriptions, which have no end.</summary>
internal static class DefaultDeadline
{
    private const string GrpcTimeout = "grpc-timeout";

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    // Work whose length grows with the log, and streams that live as long as their client.
    private static readonly TimeSpan Long = TimeSpan.FromHours(6);

    private static readonly string[] LongCalls =
    [
        "/AppendStream", "/Replay", "/TrainModel", "/TrainModelWithProgress", "/BuildTrainingSet", "/BuildTrainingSetWithProgress",
        "/TrainModelFromRows", "/BuildTrainingSetFromRows", "/ExportView", "/EventLineage", "/ValueLineage", "/lineage/values", "/CheckConsistency", "/audit/consistency", "/Redrive", "/Discard", "/EvaluateModel", "/Scavenge", "/CopyLog", "/RebuildView", "/Watch", "/ServerReflectionInfo",
        "/audit/replay", ":train", ":redrive", ":discard", "/trainingsets", "/performance",
    ];

    // They end when their caller ends them, when he reads nothing for a time, or with the server.
    private static readonly string[] EndlessCalls = [".Features/Subscribe", "features:subscribe"];

    public static async Task ApplyAsync(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path.Value ?? "";
        if (EndlessCalls.Any(call => path.EndsWith(call, StringComparison.Ordinal)))
        {
            await next(http);
            return;
        }
        var deadline = LongCalls.Any(call => path.EndsWith(call, StringComparison.Ordinal)) ? Long : Usual;
        if (IsGrpc(http))
        {
            if (!http.Request.Headers.ContainsKey(GrpcTimeout))
                http.Request.Headers[GrpcTimeout] = ((long)deadline.TotalSeconds).ToString(CultureInfo.InvariantCulture) + "S";
            await next(http);
            return;
        }
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limited.CancelAfter(deadline);
        http.RequestAborted = limited.Token;
        await next(http);
    }

    public static bool IsGrpc(HttpContext http) =>
        http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
}
