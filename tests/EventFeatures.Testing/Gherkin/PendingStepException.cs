namespace EventFeatures.Testing.Gherkin;

/// <summary>Thrown by a step that is not written yet. It fails the scenario: nothing is skipped silently.</summary>
public sealed class PendingStepException(string message = "This step is pending: write its binding.") : Exception(message);
