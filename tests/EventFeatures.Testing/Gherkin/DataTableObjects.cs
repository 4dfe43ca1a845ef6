using System.Reflection;
using EventFeatures.Testing.Gherkin.Bindings;

namespace EventFeatures.Testing.Gherkin;

/// <summary>
/// Tables as objects. A column goes to the constructor parameter or the settable property of its name, where case,
/// spaces, hyphens and underscores do not count. A column without a place is refused: it would be dropped silently.
/// </summary>
public static class DataTableObjects
{
    /// <summary>One object a row.</summary>
    public static IReadOnlyList<T> CreateSet<T>(this DataTable table) => [.. table.Rows.Select(Create<T>)];

    /// <summary>One object, of a table with one row or of one with a name and a value in each row.</summary>
    /// <exception cref="ArgumentException">The table is neither.</exception>
    public static T CreateInstance<T>(this DataTable table)
    {
        // Two columns that T has no place for are the columns of names and of values.
        if (table.RowCount == 1 && (table.Header.Count != 2 || table.Header.Any(HasPlace<T>))) return Create<T>(table.Rows[0]);
        if (table.Header.Count != 2)
            throw new ArgumentException($"A {typeof(T).Name} is made of one row, or of rows with a name and a value; this table has {table.RowCount} rows of {table.Header.Count} columns.");
        return Create<T>(table.Rows.Select(row => KeyValuePair.Create(row[0], row[1])));
    }

    private static T Create<T>(IEnumerable<KeyValuePair<string, string>> cells)
    {
        var left = cells.ToDictionary(cell => Bare(cell.Key), cell => cell, StringComparer.OrdinalIgnoreCase);
        var constructor = typeof(T).GetConstructors().MinBy(candidate => candidate.GetParameters().Count(parameter => !left.ContainsKey(parameter.Name!)))
            ?? throw new ArgumentException($"{typeof(T).Name} has no public constructor.");
        var made = (T)constructor.Invoke([.. constructor.GetParameters().Select(parameter => Argument(parameter, left))]);
        foreach (var (name, cell) in left)
        {
            var property = typeof(T).GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property?.SetMethod is null)
                throw new ArgumentException($"{typeof(T).Name} has no place for the table's column '{cell.Key}'. Rename the column or take it out.");
            property.SetValue(made, TextConversion.To(property.PropertyType, cell.Value));
        }
        return made;
    }

    private static object? Argument(ParameterInfo parameter, Dictionary<string, KeyValuePair<string, string>> left)
    {
        if (left.Remove(parameter.Name!, out var cell)) return TextConversion.To(parameter.ParameterType, cell.Value);
        if (parameter.HasDefaultValue) return parameter.DefaultValue;
        throw new ArgumentException($"The table has no column for '{parameter.Name}'. Add it.");
    }

    private static bool HasPlace<T>(string column) => typeof(T).GetProperty(
        Bare(column), BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is not null;

    private static string Bare(string name) => string.Concat(name.Where(char.IsLetterOrDigit));
}
