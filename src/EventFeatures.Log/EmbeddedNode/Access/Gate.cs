using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Log.EmbeddedNode.Access;

/// <summary>Lets calls pass that may, before any service sees them.</summary>
internal static class Gate
{
    private const string Message = "This node asks who calls. Connect with esdb://user:password@host or with a client certificate of its authority.";

    public static void UseGate(this IApplicationBuilder app, NodeAccess access)
    {
        if (!access.AsksWho) return;
        app.Use((http, next) => access.Admits(http.Request.Headers.Authorization, http.Connection.ClientCertificate) ? next(http) : Refuse(http));
    }

    // A status without a body: in HTTP/2 terms, headers alone.
    private static Task Refuse(HttpContext http)
    {
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = ((int)StatusCode.Unauthenticated).ToString(System.Globalization.CultureInfo.InvariantCulture);
        http.Response.Headers["grpc-message"] = Message;
        return Task.CompletedTask;
    }
}
