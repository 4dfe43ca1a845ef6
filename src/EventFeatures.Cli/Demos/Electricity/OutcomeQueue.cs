using System.Threading.Channels;
using EventFeatures.Api.V1;

namespace EventFeatures.Cli.Demos.Electricity;

/// <summary>Records outcomes beside the stream, which need not wait for them, but not far behind it.</summary>
internal sealed class OutcomeQueue
{
    private const int WaitingMax = 256;
    private const int Writers = 4;

    private readonly Channel<RecordOutcomeRequest> _waiting = Channel.CreateBounded<RecordOutcomeRequest>(WaitingMax);
    private readonly Task _writing;
    private long _recorded;

    public OutcomeQueue(DemoRun run) => _writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(run)));

    public async Task AddAsync(RecordOutcomeRequest outcome, CancellationToken cancellation)
    {
        try
        {
            await _waiting.Writer.WriteAsync(outcome, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed) when (closed.InnerException is { } failed)
        {
            throw failed;
        }
    }

    /// <returns>How many were recorded.</returns>
    public async Task<long> CompleteAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        return _recorded;
    }

    private async Task WriteAsync(DemoRun run)
    {
        try
        {
            await foreach (var outcome in _waiting.Reader.ReadAllAsync(run.Cancellation).ConfigureAwait(false))
            {
                await run.Api.Inference.RecordOutcomeAsync(outcome, run.Call).ConfigureAwait(false);
                Interlocked.Increment(ref _recorded);
            }
        }
        catch (Exception error)
        {
            // Stops the stream at its next outcome, with this reason.
            _waiting.Writer.TryComplete(error);
            throw;
        }
    }
}
