namespace EventFeatures.Server.Errors;

/// <summary>A request that cannot even be read as a command: a value of the wrong form in a field.</summary>
public sealed class InvalidRequestException(string field, string message) : Exception(message)
{
    public string Field { get; } = field;
}
