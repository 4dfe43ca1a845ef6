namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>A later version laid the log out in a way that this one does not know.</summary>
public sealed class LogLayoutException(string message) : Exception(message);
