namespace EventFeatures.Testing.Gherkin.Running;

/// <summary>A step that failed, named by file and line. The cause is the inner exception.</summary>
public sealed class StepFailedException(string message, Exception inner) : Exception(message, inner);

/// <summary>A hook that failed. The cause is the inner exception.</summary>
public sealed class HookFailedException(string message, Exception inner) : Exception(message, inner);
