using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>An expression ready to run. Immutable and safe for any number of threads.</summary>
public sealed class CompiledExpression
{
    private readonly Syntax _syntax;
    private readonly IReadOnlyDictionary<string, ValueShape> _shapes;
    private readonly Evaluator _run;

    internal CompiledExpression(
        string text, Syntax syntax, IReadOnlyDictionary<string, ValueShape> shapes, IReadOnlyList<string> fields, ValueShape shape, Evaluator run)
    {
        (Text, _syntax, _shapes, Fields, Shape, _run) = (text, syntax, shapes, fields, shape, run);
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The kind of every non-null result; <see cref="ValueKind.Null"/> when the result is always null.</summary>
    public ValueKind Kind => Shape.Kind;

    /// <summary>The same with what is known of a list's elements and an object's members.</summary>
    public ValueShape Shape { get; }

    /// <summary>The fields that it reads, in the order in which <see cref="Evaluate"/> takes them.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Whether it is one field and nothing more.</summary>
    public bool IsField => _syntax.Path is { } path && _shapes.ContainsKey(path);

    /// <summary>Computes the result for one row.</summary>
    /// <exception cref="ExpressionOverflowException">Arithmetic left the range of its kind.</exception>
    public Value Evaluate(ReadOnlySpan<Value> fields)
    {
        try
        {
            return _run(fields);
        }
        catch (OverflowException overflow)
        {
            throw new ExpressionOverflowException(Text, overflow);
        }
    }

    /// <summary>The same expression over rows whose fields are laid out as <paramref name="layout"/> says.</summary>
    /// <exception cref="ArgumentException">The layout lacks a field of the expression.</exception>
    public CompiledExpression Bind(IReadOnlyList<string> layout)
    {
        var run = new Typing(_shapes, IndexOf).Of(_syntax).Run;
        return new CompiledExpression(Text, _syntax, _shapes, layout, Shape, run);

        int IndexOf(string name)
        {
            for (var i = 0; i < layout.Count; i++)
                if (layout[i] == name) return i;
            throw new ArgumentException($"The layout has no field '{name}'.", nameof(layout));
        }
    }
}
