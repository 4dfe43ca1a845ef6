using EventFeatures.Log.EmbeddedNode.Writing;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>
/// The two ways to delete a stream. Unlike an append's, a conflict of theirs is a status, with trailers.
/// </summary>
internal static class DeletionCall
{
    /// <summary>Hides a stream until somebody appends again; gives the position of the metadata that does so.</summary>
    public static Task<long> RunAsync(NodeServices node, DeleteReq request, ServerCallContext context)
    {
        var options = request.Options ?? throw Refusals.Invalid("The deletion has no options.");
        var stream = ProposedEvents.RequireDeletable(options.StreamIdentifier);
        var expected = options.ExpectedStreamRevisionCase switch
        {
            DeleteReq.Types.Options.ExpectedStreamRevisionOneofCase.Any => Expected.Any,
            DeleteReq.Types.Options.ExpectedStreamRevisionOneofCase.NoStream => Expected.NoStream,
            DeleteReq.Types.Options.ExpectedStreamRevisionOneofCase.StreamExists => Expected.StreamExists,
            DeleteReq.Types.Options.ExpectedStreamRevisionOneofCase.Revision => Expected.OfRevision(options.Revision),
            _ => throw NothingExpected(),
        };
        return RunAsync(node, RequestKind.Delete, stream, expected, SystemEvents.Deletion(stream), context);
    }

    /// <summary>Closes a stream for ever; gives the tombstone's position.</summary>
    public static Task<long> RunAsync(NodeServices node, TombstoneReq request, ServerCallContext context)
    {
        var options = request.Options ?? throw Refusals.Invalid("The tombstone has no options.");
        var stream = ProposedEvents.RequireClosable(options.StreamIdentifier);
        var expected = options.ExpectedStreamRevisionCase switch
        {
            TombstoneReq.Types.Options.ExpectedStreamRevisionOneofCase.Any => Expected.Any,
            TombstoneReq.Types.Options.ExpectedStreamRevisionOneofCase.NoStream => Expected.NoStream,
            TombstoneReq.Types.Options.ExpectedStreamRevisionOneofCase.StreamExists => Expected.StreamExists,
            TombstoneReq.Types.Options.ExpectedStreamRevisionOneofCase.Revision => Expected.OfRevision(options.Revision),
            _ => throw NothingExpected(),
        };
        return RunAsync(node, RequestKind.Tombstone, stream, expected, SystemEvents.Tombstone(stream), context);
    }

    /// <summary>A position in a deletion's answer.</summary>
    public static DeleteResp.Types.Position DeletePosition(long position) => new() { CommitPosition = (ulong)position, PreparePosition = (ulong)position };

    /// <summary>A position in a tombstone's answer.</summary>
    public static TombstoneResp.Types.Position TombstonePosition(long position) => new() { CommitPosition = (ulong)position, PreparePosition = (ulong)position };

    private static async Task<long> RunAsync(
        NodeServices node, RequestKind kind, string stream, long expected, EncodedEvents encoded, ServerCallContext context)
    {
        var request = new AwaitedRequest(stream, expected, encoded, node.DeadlineOf(context)) { Kind = kind };
        node.Enqueue(request);
        var outcome = await request.Answer;
        return outcome.End switch
        {
            AppendEnd.Appended => outcome.Position,
            AppendEnd.WrongExpectedVersion => throw Refusals.WrongExpectedVersion(stream, expected, outcome.Revision),
            AppendEnd.StreamDeleted => throw Refusals.StreamDeleted(stream),
            AppendEnd.Refused => throw Refusals.Invalid(outcome.Reason!),
            AppendEnd.TimedOut => throw Refusals.DeadlineExceeded(stream),
            _ => throw Refusals.Unavailable(outcome.Reason ?? "The node cannot delete now."),
        };
    }

    private static RpcException NothingExpected() =>
        Refusals.Invalid("The request does not say what it expects of the stream; set any, no_stream, stream_exists or revision.");
}
