using System.Reflection;

namespace EventFeatures.Testing.Gherkin.Running;

/// <summary>Calls a binding and, where it is asynchronous, waits for it no longer than the deadline.</summary>
internal static class Invocation
{
    public static async Task CallAsync(MethodInfo method, object? target, object?[] arguments, TimeSpan deadline)
    {
        var returned = method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        var task = returned switch
        {
            Task running => running,
            ValueTask running => running.AsTask(),
            _ => Task.CompletedTask,
        };
        try
        {
            await task.WaitAsync(deadline);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"{method.DeclaringType!.Name}.{method.Name} did not end within {deadline.TotalSeconds:0} s.");
        }
    }
}
