using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>Measures the stages of one prediction, one after the other.</summary>
internal sealed class StageClock(TimeProvider clock)
{
    private readonly List<StageLatency> _stages = [];
    private long _started = clock.GetTimestamp();

    /// <summary>The stages so far.</summary>
    public IReadOnlyList<StageLatency> Stages => [.. _stages];

    /// <summary>Ends a stage and begins the next.</summary>
    public void Mark(string stage)
    {
        var now = clock.GetTimestamp();
        _stages.Add(new StageLatency(stage, (long)(clock.GetElapsedTime(_started, now).TotalMilliseconds * 1000)));
        _started = now;
    }
}
