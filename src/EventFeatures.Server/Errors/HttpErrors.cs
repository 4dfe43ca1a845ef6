using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Server.Errors;

/// <summary>Errors of the routes that are not gRPC methods, in the same JSON as those that are.</summary>
internal static class HttpErrors
{
    /// <summary>The messages that an error's details are made of.</summary>
    public static readonly TypeRegistry Details = TypeRegistry.FromMessages(ErrorInfo.Descriptor, BadRequest.Descriptor, RetryInfo.Descriptor);

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(Details));

    public static Task AnswerAsync(HttpContext http, ApiError error)
    {
        http.Response.StatusCode = error.HttpStatus ?? StatusOf(error.Status);
        SetRetryAfter(http, error);
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(Formatter.Format(error.ToStatus()), CancellationToken.None);
    }

    /// <summary>Refuses a call before any service saw it, over gRPC or HTTP.</summary>
    public static Task RefuseAsync(HttpContext http, ApiError error)
    {
        if (!DefaultDeadline.IsGrpc(http)) return AnswerAsync(http, error);
        var refusal = error.ToRpcException();
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Status.Detail).Replace("%20", " ", StringComparison.Ordinal);
        foreach (var trailer in refusal.Trailers)
            http.Response.Headers[trailer.Key] = trailer.IsBinary ? Convert.ToBase64String(trailer.ValueBytes) : trailer.Value;
        return Task.CompletedTask;
    }

    /// <summary>Says when to come back as HTTP does: in whole seconds, rounded up.</summary>
    public static void SetRetryAfter(HttpContext http, ApiError error)
    {
        if (error.RetryAfter is { } delay) http.Response.Headers.RetryAfter = Math.Ceiling(delay.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
    }

    private static int StatusOf(StatusCode status) => status switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.NotFound => 404,
        StatusCode.Aborted or StatusCode.AlreadyExists => 409,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unavailable => 503,
        StatusCode.DeadlineExceeded => 504,
        _ => 500,
    };
}
