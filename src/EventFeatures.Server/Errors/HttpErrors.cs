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
    public static readonly TypeRegistry Details = TypeRegistry.FromMessages(ErrorInfo.Descriptor, BadRequest.Descriptor);

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(Details));

    public static Task AnswerAsync(HttpContext http, ApiError error)
    {
        http.Response.StatusCode = error.HttpStatus ?? StatusOf(error.Status);
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(Formatter.Format(error.ToStatus()), CancellationToken.None);
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
