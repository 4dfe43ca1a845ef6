using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace EventFeatures.Server.Load;

/// <summary>
/// The body of a gRPC call, which is buffered until a message is whole: counts what is buffered, and ends the call when
/// there is no room for more.
/// </summary>
internal sealed class CountedReader(PipeReader body, ComingBytes.OfCall coming) : PipeReader, IRequestBodyPipeFeature
{
    private ReadOnlySequence<byte> _buffered;
    private long _counted;

    public PipeReader Reader => this;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Count(await body.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        if (!body.TryRead(out result)) return false;
        Count(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var gone = Math.Min(_counted, _buffered.Slice(0, consumed).Length);
        _counted -= gone;
        coming.Remove(gone);
        _buffered = default;
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private ReadResult Count(ReadResult read)
    {
        _buffered = read.Buffer;
        if (_buffered.Length <= _counted) return read;
        try
        {
            coming.Add(_buffered.Length - _counted);
        }
        catch (RpcException)
        {
            // All of it is dropped at once; to leave some of what was looked at before unlooked at is against the rules.
            body.AdvanceTo(_buffered.End);
            throw;
        }
        _counted = _buffered.Length;
        return read;
    }
}
