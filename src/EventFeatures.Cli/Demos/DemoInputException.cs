namespace EventFeatures.Cli.Demos;

/// <summary>A demo's input cannot be used. The message says where, what and what to do.</summary>
public sealed class DemoInputException(string message) : Exception(message);
