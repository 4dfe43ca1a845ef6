using System.ComponentModel;
using System.Globalization;

namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>Text as a value of the built-in types, always in the invariant culture.</summary>
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
            if (typeof(IParsable<>).MakeGenericType(type) is { } parsable && parsable.IsAssignableFrom(type)) return Parse(type, text);
            var converter = TypeDescriptor.GetConverter(type);
            if (converter.CanConvertFrom(typeof(string))) return converter.ConvertFromInvariantString(text);
        }
        catch (Exception refused) when (refused is not FormatException)
        {
            throw new FormatException($"'{text}' is not a {type.Name}.", refused.InnerException ?? refused);
        }
        throw new FormatException($"'{text}' cannot be made a {type.Name}. Write a [StepArgumentTransformation] that returns one.");
    }

    private static object? Parse(Type type, string text) => typeof(TextConversion)
        .GetMethod(nameof(ParseAs), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
        .MakeGenericMethod(type).Invoke(null, [text]);

    private static object ParseAs<T>(string text) where T : IParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new FormatException($"'{text}' is not a {typeof(T).Name}.");
}
