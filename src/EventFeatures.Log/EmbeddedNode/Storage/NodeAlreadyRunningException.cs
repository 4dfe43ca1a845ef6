namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>Another node writes to the database, and did not leave within the deadline.</summary>
public sealed class NodeAlreadyRunningException(string message) : Exception(message);
