using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files.Spines;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>--context name=value</c>: the request's context, as people type it. The definitions say what its values are.</summary>
internal static class ContextOption
{
    private const string Name = "--context";

    /// <summary>The option; verbs share its meaning.</summary>
    public static Option<string[]> Create() => new(Name)
    {
        Description = "A value of the request's context, for example amount=12.5, read as the type that the service declares; null is no value. May be given again.",
        HelpName = "NAME=VALUE",
    };

    /// <summary>What was typed, before anybody is asked what it means.</summary>
    /// <exception cref="UsageException">It is not <c>name=value</c>, or a name is there twice.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Typed(IEnumerable<string>? pairs) => [.. KeyValueOption.Parse(Name, pairs)];

    /// <summary>The values of what was typed. Definitions are asked for only where there is something to read.</summary>
    /// <exception cref="UsageException">A value is none of its field's type.</exception>
    public static async Task<Dictionary<string, Value>> ReadAsync(IReadOnlyList<KeyValuePair<string, string>> typed, Func<Task<SpineColumns>> columns) =>
        typed.Count == 0 ? [] : Read(typed, await columns().ConfigureAwait(false));

    /// <summary>The values of what was typed.</summary>
    /// <exception cref="UsageException">A value is none of its field's type.</exception>
    public static Dictionary<string, Value> Read(IReadOnlyList<KeyValuePair<string, string>> typed, SpineColumns columns) =>
        typed.ToDictionary(pair => pair.Key, pair => ValueOf(pair.Key, pair.Value, columns.TypeOfContext(pair.Key)));

    private static Value ValueOf(string name, string text, string type) =>
        text == "null" ? new Value { Null = Google.Protobuf.WellKnownTypes.NullValue.NullValue }
        : CellText.Read(type, text) ?? throw new UsageException(CellText.Refusal($"{Name} {name}", type, text));
}
