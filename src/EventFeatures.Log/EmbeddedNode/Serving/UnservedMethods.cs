using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>Whatever the node does not serve is answered UNIMPLEMENTED by name.</summary>
internal static class UnservedMethods
{
    public static RpcException Refusal(string method) => new(new Status(StatusCode.Unimplemented, Message(method)));

    public static void MapUnserved(this IEndpointRouteBuilder routes) =>
        routes.MapFallback("{**path}", context =>
        {
            // A status without a body: in HTTP/2 terms, headers alone.
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = ((int)StatusCode.Unimplemented).ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString(Message(context.Request.Path)).Replace("%20", " ", StringComparison.Ordinal);
            return Task.CompletedTask;
        });

    private static string Message(string? method) => $"The embedded node does not serve '{method?.TrimStart('/')}'.";
}
