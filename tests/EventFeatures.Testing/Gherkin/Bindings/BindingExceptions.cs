namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>A binding that can never run as it is declared.</summary>
public sealed class BindingInvalidException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Steps that no binding or more than one answers to, with file and line and what to write.</summary>
public sealed class StepUnboundException(string message) : Exception(message);
