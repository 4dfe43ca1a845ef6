namespace EventFeatures.Testing.Specs;

/// <summary>Waits for a condition instead of for a time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks again and again until the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold within the deadline; <paramref name="otherwise"/> says what was found instead.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan deadline, Func<string> otherwise)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > deadline)
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0} s. {otherwise()}");
            await Task.Delay(Pause);
        }
    }
}
