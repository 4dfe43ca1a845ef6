using EventFeatures.Log.EmbeddedNode.Writing;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>One append in a call of its own.</summary>
internal static class UnaryAppend
{
    public static async Task<AppendResp> RunAsync(NodeServices node, IAsyncStreamReader<AppendReq> requests, ServerCallContext context)
    {
        var request = await ReadAsync(node, requests, context);
        node.Enqueue(request);
        return Answer(request, await request.Answer);
    }

    private static async Task<AwaitedRequest> ReadAsync(NodeServices node, IAsyncStreamReader<AppendReq> requests, ServerCallContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, node.Stopping);
        try
        {
            return await ReadAsync(node, requests, context, ended.Token);
        }
        catch (OperationCanceledException) when (node.Stopping.IsCancellationRequested)
        {
            throw Refusals.Unavailable("The node is shutting down.");
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw Refusals.Invalid($"An append's message cannot be read: {malformed.Message}");
        }
    }

    private static async Task<AwaitedRequest> ReadAsync(
        NodeServices node, IAsyncStreamReader<AppendReq> requests, ServerCallContext context, CancellationToken ended)
    {
        if (!await requests.MoveNext(ended) || requests.Current.ContentCase != AppendReq.ContentOneofCase.Options)
            throw Refusals.Invalid("An append starts with its options.");
        var options = requests.Current.Options;
        var stream = ProposedEvents.RequireAppendable(options.StreamIdentifier);
        var expected = ReadExpected(options);
        var proposed = new ProposedEvents(options.StreamIdentifier);
        while (await requests.MoveNext(ended))
        {
            if (requests.Current.ContentCase != AppendReq.ContentOneofCase.ProposedMessage)
                throw Refusals.Invalid("After its options, an append has proposed messages only.");
            proposed.Add(requests.Current.ProposedMessage);
            if (proposed.IsTooLarge) throw Refusals.TooLarge();
        }
        return new AwaitedRequest(stream, expected, proposed.Encode(stream), node.DeadlineOf(context));
    }

    private static AppendResp Answer(AwaitedRequest request, AppendOutcome outcome) => outcome.End switch
    {
        AppendEnd.Appended => new AppendResp { Success = Success(outcome) },
        AppendEnd.WrongExpectedVersion => new AppendResp { WrongExpectedVersion = Wrong(request.Expected, outcome.Revision) },
        AppendEnd.StreamDeleted => throw Refusals.StreamDeleted(request.Stream),
        AppendEnd.Refused => throw Refusals.Invalid(outcome.Reason!),
        AppendEnd.TimedOut => throw Refusals.DeadlineExceeded(request.Stream),
        _ => throw Refusals.Unavailable(outcome.Reason ?? "The node cannot append now."),
    };

    private static AppendResp.Types.Success Success(AppendOutcome outcome)
    {
        var success = new AppendResp.Types.Success
        {
            Position = new AppendResp.Types.Position { CommitPosition = (ulong)outcome.Position, PreparePosition = (ulong)outcome.Position },
        };
        if (outcome.Revision < 0) success.NoStream = new Empty();
        else success.CurrentRevision = (ulong)outcome.Revision;
        return success;
    }

    // Both generations of fields, since clients of either read them.
    private static AppendResp.Types.WrongExpectedVersion Wrong(long expected, long actual)
    {
        var wrong = new AppendResp.Types.WrongExpectedVersion();
        if (actual < 0)
        {
            wrong.CurrentNoStream = new Empty();
            wrong.NoStream2060 = new Empty();
        }
        else
        {
            wrong.CurrentRevision = (ulong)actual;
            wrong.CurrentRevision2060 = (ulong)actual;
        }
        switch (expected)
        {
            case Expected.Any:
                wrong.ExpectedAny = new Empty();
                wrong.Any2060 = new Empty();
                break;
            case Expected.StreamExists:
                wrong.ExpectedStreamExists = new Empty();
                wrong.StreamExists2060 = new Empty();
                break;
            case Expected.NoStream:
                wrong.ExpectedNoStream = new Empty();
                break;
            default:
                wrong.ExpectedRevision = (ulong)expected;
                wrong.ExpectedRevision2060 = (ulong)expected;
                break;
        }
        return wrong;
    }

    private static long ReadExpected(AppendReq.Types.Options options) => options.ExpectedStreamRevisionCase switch
    {
        AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.Any => Expected.Any,
        AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.NoStream => Expected.NoStream,
        AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.StreamExists => Expected.StreamExists,
        AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.Revision => Expected.OfRevision(options.Revision),
        _ => throw Refusals.Invalid("The append does not say what it expects of the stream; set any, no_stream, stream_exists or revision."),
    };
}
