namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>The database cannot hold the log as this version lays it out: a later version laid it out, or its encoding lacks characters.</summary>
public sealed class LogLayoutException(string message) : Exception(message);
