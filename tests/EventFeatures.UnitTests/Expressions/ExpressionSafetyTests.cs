using CsCheck;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Expressions;

/// <summary>Whatever anybody writes: it compiles or is refused with a column, and what compiles ends soon.</summary>
public sealed class ExpressionSafetyTests
{
    private static readonly (string Name, ValueShape Shape, Value[] Values)[] Fields =
    [
        ("n", ValueKind.Number, [Value.Of(1.5), Value.Of(-0.0), Value.Of(1e308), Value.Null]),
        ("i", ValueKind.Integer, [Value.Of(7L), Value.Of(long.MinValue), Value.Of(0L), Value.Null]),
        ("d", ValueKind.Decimal, [Value.Of(0.1m), Value.Of(decimal.MaxValue), Value.Null]),
        ("s", ValueKind.String, [Value.Of("FR"), Value.Of(""), Value.Of("\U0001F600\uD83D"), Value.Null]),
        ("b", ValueKind.Boolean, [Value.Of(true), Value.Of(false), Value.Null]),
        ("t", ValueKind.Timestamp, [Value.Of(Instant.Parse("2026-01-01T12:00:00Z")), Value.Of(Instant.MinValue), Value.Of(Instant.MaxValue), Value.Null]),
        ("e", ValueKind.Date, [Value.Of(new DateOnly(2026, 1, 31)), Value.Null]),
        ("l", ValueShape.ListOf(ValueKind.Number), [Value.Of([Value.Of(1.0), Value.Null]), Value.Of(Array.Empty<Value>()), Value.Null]),
        ("m", ValueShape.MapOf(ValueKind.Integer), [Value.Of(new Dictionary<string, Value> { ["a"] = Value.Of(1L) }), Value.Null]),
        ("x", ValueKind.Array, [Value.Of([Value.Of("a"), Value.Of(1L)]), Value.Null]),
    ];

    private static readonly Dictionary<string, ValueShape> Shapes = Fields.ToDictionary(field => field.Name, field => field.Shape);

    private static readonly string[] Words =
    [
        .. Fields.Select(field => field.Name), "1", "0", "2.5", "1e300", "9223372036854775807", "79228162514264337593543950335", "'FR'", "'a%_'", "'2026-01-01'", "'2026-01-01T00:00:00Z'",
        "true", "false", "null", "(", ")", "(", ")", ",", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "!", ".", "&&", "||",
        "and", "or", "not", "in", "is", "between", "like", "abs", "min", "max", "round", "floor", "ceil", "log", "exp", "sqrt", "pow", "coalesce", "if", "lower", "upper", "trim",
        "length", "starts_with", "ends_with", "contains", "concat", "replace", "substring", "text", "year", "day_of_week", "hour_of_day", "date", "epoch_seconds", "seconds_between", "days_between", "size", "element", "\"n\"", "a",
    ];

    private static readonly Gen<string> Sentences = Gen.OneOf(Words).List[1, 40].Select(words => string.Join(' ', words));

    private static readonly Gen<string> Noise = Gen.Frequency(
        (5, Gen.Char[' ', '~']), (1, Gen.OneOf('\'', '"', '\0', '\uD800', '\u00E9', '.', '(', '-', '\t'))).Array[0, 60].Select(letters => new string(letters));

    /// <summary>Texts that are mostly well formed, grown from their parts.</summary>
    private static readonly Gen<string> Grown = Gen.Recursive<string>((depth, inner) => depth > 5
        ? Gen.OneOf(Fields.Select(field => field.Name).Concat(["1", "2.5", "'FR'", "true", "null"]).ToArray())
        : Gen.OneOf(
            Gen.OneOf(Fields.Select(field => field.Name).ToArray()),
            Gen.Select(inner, Gen.OneOf("+", "-", "*", "/", "%", "==", "<", "and", "or"), inner, (left, sign, right) => $"({left} {sign} {right})"),
            Gen.Select(Gen.OneOf("abs", "floor", "lower", "length", "year", "hour_of_day", "size", "text", "sqrt", "not", "-"), inner, (name, one) => $"{name}({one})"),
            Gen.Select(Gen.OneOf("min", "coalesce", "concat", "pow", "contains", "element", "substring", "seconds_between"), inner, inner, (name, one, two) => $"{name}({one}, {two})"),
            Gen.Select(inner, inner, inner, (one, two, three) => $"if({one}, {two}, {three})"),
            Gen.Select(inner, inner, inner, (one, two, three) => $"({one} between {two} and {three})"),
            Gen.Select(inner, inner, inner, (one, two, three) => $"({one} in ({two}, {three}))"),
            inner.Select(one => $"({one} like 'a%')"), inner.Select(one => $"({one} is not null)")));

    [Fact]
    public void Any_text_compiles_or_is_refused_with_a_column() =>
        Gen.OneOf(Sentences, Noise, Grown).Sample(text =>
        {
            if (TryCompile(text) is { } compiled) Evaluate(compiled, seed: text.Length);
        }, iter: 8_000, threads: 1);

    [Fact]
    public void Much_of_what_is_grown_is_well_typed()
    {
        var compiled = 0;
        Grown.Sample(text => { if (TryCompile(text) is not null) compiled++; }, iter: 1_500, threads: 1);
        compiled.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Operands_within_operands_do_not_multiply_the_work()
    {
        // Each level asks for its operand once, however many options it is compared with.
        var within = "i";
        for (var level = 0; level < 60; level++) within = $"if({within} in(1,2,3),1,4)";
        Evaluate(TryCompile(within)!, seed: 0);
        var between = "i";
        for (var level = 0; level < 60; level++) between = $"if({between} between 5 and 6,1,4)";
        Evaluate(TryCompile(between)!, seed: 0);
    }

    [Fact]
    public void Texts_cannot_be_grown_without_bound()
    {
        var grown = "s";
        while (grown.Length < 1_900) grown = $"replace({grown},'R','RRRRRRRRRRRRRRRRRRRR')";
        Should.Throw<ExpressionOverflowException>(() => TryCompile(grown)!.Evaluate([Value.Of("FR")])).Message.ShouldContain("is longer than 65536");
        Should.Throw<ExpressionOverflowException>(() => TryCompile("concat(s, s)")!.Evaluate([Value.Of(new string('a', 40_000))]));
        Should.Throw<ExpressionOverflowException>(() => TryCompile("s like '%a'")!.Evaluate([Value.Of(new string('a', 70_000))]));
    }

    [Theory]
    [InlineData("(", 64)]
    [InlineData("abs(", 64)]
    [InlineData("-", 64)]
    [InlineData("not ", 490)]
    [InlineData("1+", 990)]
    [InlineData("b and ", 320)]
    [InlineData("m.a.", 490)]
    [InlineData("1 between 1 and ", 120)]
    [InlineData("i in(", 64)]
    public void The_deepest_texts_need_little_stack(string part, int times)
    {
        var text = string.Concat(Enumerable.Repeat(part, times)) + (part.StartsWith('b') || part.StartsWith("not", StringComparison.Ordinal) ? "b" : "1") + new string(')', part.Contains('(', StringComparison.Ordinal) ? times : 0);
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (TryCompile(text) is { } compiled) Evaluate(compiled, seed: 3);
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
        }, maxStackSize: 512 * 1024);
        thread.Start();
        thread.Join();
        thrown.ShouldBeNull();
    }

    private static CompiledExpression? TryCompile(string text)
    {
        try
        {
            return Expression.Compile(text, Shapes);
        }
        catch (ExpressionException refused)
        {
            refused.Column.ShouldBeInRange(1, Math.Max(text.Length, 1) + 1, text);
            return null;
        }
    }

    private static void Evaluate(CompiledExpression compiled, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 4; i++)
        {
            var row = compiled.Fields.Select(name => Fields.First(field => field.Name == name).Values).Select(values => values[random.Next(values.Length)]).ToArray();
            try
            {
                var value = compiled.Evaluate(row);
                if (!value.IsNull) value.Kind.ShouldBe(compiled.Kind, compiled.Text);
                compiled.Evaluate(row).ShouldBe(value, compiled.Text);
            }
            catch (ExpressionOverflowException overflow)
            {
                overflow.Message.ShouldContain(compiled.Text);
            }
        }
    }
}
