using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Server.Errors;
using EventFeatures.Server.OpenApi;
using Google.Protobuf;
using Grpc.Core;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFeatures.Server.Api;

/// <summary>POST /v1/cloudevents: appends CloudEvents, one or a batch, with their data as plain JSON.</summary>
internal static class CloudEventsEndpoint
{
    private static readonly string[] ContentTypes = [CloudEventPaths.One, CloudEventPaths.Batch, "application/json"];

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static void MapCloudEvents(this IEndpointRouteBuilder routes) => routes.MapPost(CloudEventPaths.Path, AppendAsync);

    private static async Task AppendAsync(HttpContext http, IMediator mediator, ErrorInterceptor errors)
    {
        try
        {
            using var body = await ReadAsync(http);
            var command = CloudEventMessages.ToCommand(body.RootElement);
            var answer = await mediator.Send(command, http.RequestAborted);
            AppendMessages.RefuseRejected(answer);
            var response = new AppendResponse
            {
                Position = answer.Position?.Value ?? 0,
                Revision = answer.Items.Max(item => item.Revision) ?? -1,
                CorrelationId = command.CorrelationId,
                Events = { answer.Items.Select(AppendMessages.ToMessage) },
            };
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Formatter.Format(response), http.RequestAborted);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            await HttpErrors.AnswerAsync(http, errors.Explain(exception, CloudEventPaths.Path, http.RequestAborted));
        }
    }

    private static async Task<JsonDocument> ReadAsync(HttpContext http)
    {
        var type = http.Request.ContentType?.Split(';')[0].Trim() ?? "";
        if (!ContentTypes.Contains(type, StringComparer.OrdinalIgnoreCase))
            throw new ApiError(StatusCode.InvalidArgument, "content-type-unknown", $"Content-Type '{type}' is not served here. Send {CloudEventPaths.One} or {CloudEventPaths.Batch}.").ToRpcException();
        try
        {
            return await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        }
        catch (JsonException malformed)
        {
            throw new InvalidRequestException("body", $"The body is not JSON: {malformed.Message}");
        }
    }
}
