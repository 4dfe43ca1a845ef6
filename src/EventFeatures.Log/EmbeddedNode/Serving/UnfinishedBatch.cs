using EventFeatures.Log.EmbeddedNode.Writing;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Options = EventFeatures.Log.Protocol.Streaming.BatchAppendReq.Types.Options;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>A batch while its messages come in, and the answers to it.</summary>
internal sealed class UnfinishedBatch(UUID correlation, Options options)
{
    private readonly ProposedEvents _proposed = new(options.StreamIdentifier);
    private RpcException? _refused;

    /// <summary>What it weighs while it is outstanding.</summary>
    public long Bytes => Math.Min(_proposed.Bytes, WireNames.AppendBytesMax);

    /// <summary>Adds a message's events; what is wrong with them is told when the batch ends.</summary>
    /// <exception cref="MalformedMessageException">An event is no message.</exception>
    public void Add(BatchMessage message)
    {
        if (_refused is not null) return;
        try
        {
            message.AddTo(_proposed);
        }
        catch (RpcException refused)
        {
            _refused = refused;
        }
    }

    /// <summary>The whole batch for the writer.</summary>
    /// <exception cref="RpcException">It is refused as it stands.</exception>
    public AppendRequest Finish(NodeServices node, BatchAppendCall call)
    {
        if (_refused is not null) throw _refused;
        if (_proposed.IsTooLarge) throw Refusals.TooLarge();
        var stream = ProposedEvents.RequireAppendable(options.StreamIdentifier);
        var expected = options.ExpectedStreamPositionCase switch
        {
            Options.ExpectedStreamPositionOneofCase.Any => Expected.Any,
            Options.ExpectedStreamPositionOneofCase.NoStream => Expected.NoStream,
            Options.ExpectedStreamPositionOneofCase.StreamExists => Expected.StreamExists,
            Options.ExpectedStreamPositionOneofCase.StreamPosition => Expected.OfRevision(options.StreamPosition),
            _ => throw Refusals.Invalid("The batch does not say what it expects of the stream; set any, no_stream, stream_exists or stream_position."),
        };
        return new Batch(this, call, stream, expected, _proposed.Encode(stream), node.DeadlineIn(Remaining(node)));
    }

    /// <summary>The answer to a batch that never reached the writer.</summary>
    public BatchAppendResp Refused(RpcException refused)
    {
        IMessage detail = refused.StatusCode switch
        {
            StatusCode.InvalidArgument when _proposed.IsTooLarge => new MaximumAppendSizeExceeded { MaxAppendSize = WireNames.AppendBytesMax },
            StatusCode.InvalidArgument => new BadRequest { Message = refused.Status.Detail },
            _ => new Unknown(),
        };
        return RetryTimes.Of(refused.Trailers) is { } delay
            ? Failed((Code)(int)refused.StatusCode, refused.Status.Detail, RetryTimes.Detail(delay))
            : Failed((Code)(int)refused.StatusCode, refused.Status.Detail, Any.Pack(detail));
    }

    private TimeSpan? Remaining(NodeServices node)
    {
        try
        {
            return options.DeadlineOptionCase switch
            {
                Options.DeadlineOptionOneofCase.Deadline => options.Deadline.ToTimeSpan(),
                Options.DeadlineOptionOneofCase.Deadline21100 => options.Deadline21100.ToDateTimeOffset() - node.Options.Time.GetUtcNow(),
                _ => null,
            };
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or OverflowException or ArgumentOutOfRangeException)
        {
            throw Refusals.Invalid($"The batch's deadline is no time: {wrong.Message}");
        }
    }

    private BatchAppendResp Answer(Batch batch, AppendOutcome outcome) => outcome.End switch
    {
        AppendEnd.Appended => Succeeded(outcome),
        AppendEnd.WrongExpectedVersion => Failed(Code.AlreadyExists, "WrongExpectedVersion", Any.Pack(Wrong(batch.Expected, outcome.Revision))),
        AppendEnd.StreamDeleted => Failed(Code.NotFound, $"Stream '{batch.Stream}' is deleted.", Any.Pack(new StreamDeleted { StreamIdentifier = options.StreamIdentifier })),
        AppendEnd.Refused => Failed(Code.InvalidArgument, outcome.Reason!, Any.Pack(new BadRequest { Message = outcome.Reason! })),
        AppendEnd.TimedOut => Failed(Code.DeadlineExceeded, "Timeout", Any.Pack(new Protocol.Timeout())),
        _ => Failed(Code.Unavailable, outcome.Reason ?? "The node cannot append now.", Any.Pack(new Unknown())),
    };

    private BatchAppendResp Succeeded(AppendOutcome outcome)
    {
        var success = new BatchAppendResp.Types.Success
        {
            Position = new AllStreamPosition { CommitPosition = (ulong)outcome.Position, PreparePosition = (ulong)outcome.Position },
        };
        if (outcome.Revision < 0) success.NoStream = new Google.Protobuf.WellKnownTypes.Empty();
        else success.CurrentRevision = (ulong)outcome.Revision;
        var answer = Answer();
        answer.Success = success;
        return answer;
    }

    private BatchAppendResp Failed(Code code, string message, Any detail)
    {
        var answer = Answer();
        answer.Error = new Protocol.Status { Code = code, Message = message, Details = detail };
        return answer;
    }

    private BatchAppendResp Answer()
    {
        var answer = new BatchAppendResp { CorrelationId = correlation, StreamIdentifier = options.StreamIdentifier ?? new StreamIdentifier() };
        switch (options.ExpectedStreamPositionCase)
        {
            case Options.ExpectedStreamPositionOneofCase.Any: answer.Any = options.Any; break;
            case Options.ExpectedStreamPositionOneofCase.NoStream: answer.NoStream = options.NoStream; break;
            case Options.ExpectedStreamPositionOneofCase.StreamExists: answer.StreamExists = options.StreamExists; break;
            case Options.ExpectedStreamPositionOneofCase.StreamPosition: answer.StreamPosition = options.StreamPosition; break;
        }
        return answer;
    }

    private static WrongExpectedVersion Wrong(long expected, long actual)
    {
        var wrong = new WrongExpectedVersion();
        if (actual < 0) wrong.CurrentNoStream = new Google.Protobuf.WellKnownTypes.Empty();
        else wrong.CurrentStreamRevision = (ulong)actual;
        switch (expected)
        {
            case Expected.Any: wrong.ExpectedAny = new Google.Protobuf.WellKnownTypes.Empty(); break;
            case Expected.NoStream: wrong.ExpectedNoStream = new Google.Protobuf.WellKnownTypes.Empty(); break;
            case Expected.StreamExists: wrong.ExpectedStreamExists = new Google.Protobuf.WellKnownTypes.Empty(); break;
            default: wrong.ExpectedStreamPosition = (ulong)expected; break;
        }
        return wrong;
    }

    private sealed class Batch(
        UnfinishedBatch batch, BatchAppendCall call, string stream, long expected, in EncodedEvents encoded, long deadline)
        : AppendRequest(stream, expected, encoded.Events, encoded.Rows, encoded.Offsets, deadline)
    {
        public override void Complete(AppendOutcome outcome) => call.Answer(batch.Answer(this, outcome), batch.Bytes);
    }
}
