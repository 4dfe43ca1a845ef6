using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Load;
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
    private const string Json = "application/json";

    private static readonly string[] ContentTypes = [CloudEventPaths.One, CloudEventPaths.Batch, Json];

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static void MapCloudEvents(this IEndpointRouteBuilder routes) => routes.MapPost(CloudEventPaths.Path, AppendAsync);

    private static async Task AppendAsync(HttpContext http, IMediator mediator, AppendGate gate, CallErrors errors)
    {
        try
        {
            var (command, priority) = await ReadAsync(http);
            using var place = await gate.EnterAsync(command, priority, command.Items.Sum(item => (long)item.Data.Length), http.RequestAborted);
            var answer = await mediator.Send(command, http.RequestAborted);
            AppendMessages.RefuseRejected(answer);
            var response = new AppendResponse
            {
                Position = answer.Position?.Value ?? 0,
                Revision = answer.Items.Max(item => item.Revision) ?? -1,
                CorrelationId = command.CorrelationId,
                Events = { answer.Items.Select(AppendMessages.ToMessage) },
            };
            http.Response.ContentType = Json;
            await http.Response.WriteAsync(Formatter.Format(response), http.RequestAborted);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            await HttpErrors.AnswerAsync(http, errors.Explain(exception, CloudEventPaths.Path, http.RequestAborted));
        }
    }

    private static async Task<(AppendEvents Command, AppendPriority Priority)> ReadAsync(HttpContext http)
    {
        var type = http.Request.ContentType?.Split(';')[0].Trim() ?? "";
        if (CloudEventMessages.IsBinary(http.Request.Headers))
        {
            if (type.Length > 0 && type != Json && !type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)) throw Unknown(type, Json);
            using var data = new MemoryStream();
            await http.Request.Body.CopyToAsync(data, http.RequestAborted);
            return CloudEventMessages.ToCommand(http.Request.Headers, data.ToArray());
        }
        if (!ContentTypes.Contains(type, StringComparer.OrdinalIgnoreCase)) throw Unknown(type, $"{CloudEventPaths.One} or {CloudEventPaths.Batch}");
        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            return CloudEventMessages.ToCommand(body.RootElement);
        }
        catch (JsonException malformed)
        {
            throw new InvalidRequestException("body", $"The body is not JSON: {malformed.Message}");
        }
    }

    private static RpcException Unknown(string type, string known) =>
        new ApiError(StatusCode.InvalidArgument, "content-type-unknown", $"Content-Type '{type}' is not served here. Send {known}.").ToRpcException();
}
