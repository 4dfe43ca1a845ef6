namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>A clock by which every wait is over so many times sooner; deadlines of calls, which gRPC keeps, are not.</summary>
internal sealed class HurriedTime(int times) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / times : dueTime, period);
}
