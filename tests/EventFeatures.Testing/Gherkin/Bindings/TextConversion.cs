using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>
/// Text as a value of the built-in types, of enumerations and of every type with a static <c>Parse</c>, always in the
/// invariant culture.
/// </summary>
internal static class TextConversion
{
    /// <exception cref="FormatException">The text is no such value; the message says which text and type.</exception>
    public static object? To(Type type, string text)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return text.Length == 0 ? null : To(underlying, text);
        if (type == typeof(string) || type == typeof(object)) return text;
        try
        {
            if (type.IsEnum) return Enum.Parse(type, text.Replace(" ", "", StringComparison.Ordinal), ignoreCase: true);
            if (Parser(type, typeof(string), typeof(IFormatProvider)) is { } cultured) return Call(cultured, text, CultureInfo.InvariantCulture);
            if (Parser(type, typeof(string)) is { } plain) return Call(plain, text);
            var converter = TypeDescriptor.GetConverter(type);
            if (converter.CanConvertFrom(typeof(string))) return converter.ConvertFromInvariantString(text);
        }
        catch (Exception refused)
        {
            throw new FormatException($"'{text}' is not a {type.Name}. {refused.Message}", refused);
        }
        throw new FormatException($"'{text}' cannot be made a {type.Name}. Write a [StepArgumentTransformation] that returns one.");
    }

    private static MethodInfo? Parser(Type type, params Type[] parameters) =>
        type.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, parameters) is { } parse && parse.ReturnType == type ? parse : null;

    private static object? Call(MethodInfo parser, params object?[] arguments) =>
        parser.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}
