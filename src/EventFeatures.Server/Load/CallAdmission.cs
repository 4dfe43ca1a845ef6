using Grpc.Core;

namespace EventFeatures.Server.Load;

/// <summary>
/// Has calls wait for a place before they reach their service, over gRPC and HTTP alike. Appends do so themselves, since
/// they state their priority, and a stream of them takes a place for each request. A subscription has a place of its own kind, since it
/// lasts as long as its subscriber.
/// </summary>
internal sealed class CallAdmission(Admission admission, LoadLimits limits)
{
    private const string Appends = "/eventfeatures.v1.Events/";

    /// <param name="bytes">What the call's message weighs; 0 for a stream, whose messages are small and read one after the other.</param>
    /// <param name="context">The call.</param>
    /// <returns>The call's place, to be given back when it ends; null where it needs none.</returns>
    /// <exception cref="OverloadedException">There is no room for it.</exception>
    public ValueTask<Admission.Place?> EnterAsync(long bytes, ServerCallContext context)
    {
        var method = context.Method;
        if (CallPriorities.Of(method) is not { } priority || method.StartsWith(Appends, StringComparison.Ordinal) || method == CallPriorities.Subscribe)
            return ValueTask.FromResult<Admission.Place?>(null);
        return admission.EnterAsync(priority, bytes, limits.WaitMax, context.CancellationToken)!;
    }
}
