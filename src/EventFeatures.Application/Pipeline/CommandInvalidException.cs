namespace EventFeatures.Application.Pipeline;

/// <summary>A request that cannot be understood. Lists every failure, not only the first.</summary>
public sealed class CommandInvalidException(string request, IReadOnlyList<CommandFailure> failures)
    : Exception($"{request} is invalid: {string.Join(" ", failures.Select(failure => $"{failure.Field}: {failure.Message}"))}")
{
    /// <summary>The request's name, for example <c>Predict</c>.</summary>
    public string Request { get; } = request;

    /// <summary>The failures, in the order of the request's fields.</summary>
    public IReadOnlyList<CommandFailure> Failures { get; } = failures;
}

/// <summary>One thing wrong with a request.</summary>
/// <param name="Field">Where, for example <c>items[2].stream</c>.</param>
/// <param name="Message">What was found, and what to write instead.</param>
public sealed record CommandFailure(string Field, string Message);
