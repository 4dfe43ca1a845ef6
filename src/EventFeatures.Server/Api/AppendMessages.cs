using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;
using Grpc.Core;
using Verdict = EventFeatures.Application.Events.AppendVerdict;
using VerdictMessage = EventFeatures.Api.V1.AppendVerdict;

namespace EventFeatures.Server.Api;

internal static class AppendMessages
{
    private const int CausesShownMax = 10;

    public static AppendEvents ToCommand(AppendRequest request)
    {
        if (request.Events.Count == 0)
            throw new InvalidRequestException("events", "events: a request appends at least one event.");
        var expected = ExpectedOf(request);
        var items = request.Events.Select((appended, index) => new AppendItem(request.Stream, appended.Type, appended.Data.Memory)
        {
            EventId = appended.EventId.Length == 0 ? null : Fields.Id(appended.EventId, $"events[{index}].event_id"),
            OccurredAt = Fields.TimeOrNone(appended.OccurredAt, $"events[{index}].occurred_at"),
            RecordedAt = Fields.TimeOrNone(appended.RecordedAt, $"events[{index}].recorded_at"),
            Subject = Fields.TextOrNone(appended.Subject),
            // All events of the request go in together, so only the first one meets the stream as it was.
            Expected = index == 0 ? expected : StreamState.Any,
        });
        return new AppendEvents([.. items])
        {
            CorrelationId = Callers.Correlation(request.CorrelationId),
            CausationId = Fields.TextOrNone(request.CausationId),
            Producer = Fields.TextOrNone(request.Producer),
        };
    }

    /// <exception cref="RpcException">Events were refused; the message lists each with its reason.</exception>
    public static AppendResponse ToResponse((AppendAnswer Answer, string Correlation) appended, string stream)
    {
        RefuseRejected(appended.Answer);
        var inStream = appended.Answer.Items.Where(item => item.Verdict == Verdict.Accepted && item.Stream == stream);
        return new AppendResponse
        {
            Position = appended.Answer.Position?.Value ?? 0,
            Revision = inStream.Max(item => item.Revision) ?? -1,
            CorrelationId = appended.Correlation,
            Events = { appended.Answer.Items.Select(ToMessage) },
        };
    }

    public static AppendedEvent ToMessage(AppendOutcome outcome) => new()
    {
        EventId = outcome.EventId.ToString(),
        Verdict = outcome.Verdict == Verdict.Quarantined ? VerdictMessage.Quarantined : VerdictMessage.Accepted,
        Stream = outcome.Stream,
        Revision = outcome.Revision ?? -1,
        Position = outcome.Position?.Value ?? 0,
        Code = outcome.Code,
        Detail = outcome.Detail,
    };

    /// <exception cref="RpcException">Events were refused; the message lists each with its reason.</exception>
    public static void RefuseRejected(AppendAnswer answer)
    {
        var rejected = answer.Items.Select((item, index) => (Item: item, Index: index))
            .Where(each => each.Item.Verdict == Verdict.Rejected).ToList();
        if (rejected.Count == 0) return;
        var others = answer.Items.Count - rejected.Count;
        // Those refused for themselves say why; the rest only fell with them.
        var causes = rejected.Where(each => each.Item.Code is not ("refused-together" or "earlier-item-rejected")).DefaultIfEmpty(rejected[0]).ToList();
        var message = string.Join(" ", causes.Take(CausesShownMax).Select(each => $"events[{each.Index}]: {each.Item.Detail} [{each.Item.Code}]"));
        if (causes.Count > CausesShownMax) message += $" And {causes.Count - CausesShownMax} more.";
        message += others > 0 ? $" The other {others} of {answer.Items.Count} events are in the log." : answer.Items.Count > 1 ? " No event of the request is in the log." : "";
        var code = causes[0].Item.Code;
        throw new ApiError(StatusOf(code), code, message)
        {
            Position = answer.Position?.Value,
            Violations = [.. causes.Select(each => ($"events[{each.Index}]", $"{each.Item.Detail} [{each.Item.Code}]"))],
        }.ToRpcException();
    }

    private static StatusCode StatusOf(string code) => code switch
    {
        "wrong-expected-revision" => StatusCode.Aborted,
        "stream-deleted" => StatusCode.FailedPrecondition,
        _ => StatusCode.InvalidArgument,
    };

    private static StreamState ExpectedOf(AppendRequest request) => request.ExpectationCase switch
    {
        AppendRequest.ExpectationOneofCase.None => StreamState.Any,
        AppendRequest.ExpectationOneofCase.ExpectedRevision => request.ExpectedRevision >= 0
            ? StreamState.StreamRevision(request.ExpectedRevision)
            : throw new InvalidRequestException("expected_revision", $"expected_revision: {request.ExpectedRevision} is negative. A stream that must not exist yet is expected = NO_STREAM."),
        _ => request.Expected switch
        {
            ExpectedStream.Any => StreamState.Any,
            ExpectedStream.NoStream => StreamState.NoStream,
            ExpectedStream.StreamExists => StreamState.StreamExists,
            _ => throw new InvalidRequestException("expected", $"expected: {(int)request.Expected} is none of ANY, NO_STREAM and STREAM_EXISTS."),
        },
    };
}
