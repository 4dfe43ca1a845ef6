namespace EventFeatures.Core.Expressions;

/// <summary>A text that is no expression over the declared fields.</summary>
/// <param name="message">What was found and what to do.</param>
/// <param name="column">Where in the text, from 1.</param>
public sealed class ExpressionException(string message, int column) : Exception($"{message} (column {column})")
{
    /// <summary>Where in the text, from 1.</summary>
    public int Column { get; } = column;
}

/// <summary>Values for which an expression has no result: integer or decimal arithmetic, or a finite number, overflowed.</summary>
public sealed class ExpressionOverflowException(string text, Exception inner)
    : Exception($"The expression '{text}' overflowed: {inner.Message}", inner);
