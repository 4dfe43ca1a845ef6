namespace EventFeatures.Testing.Gherkin;

/// <summary>What bindings share by name or by type.</summary>
public abstract class SharedContext : Dictionary<string, object>
{
    /// <summary>Keeps a value under its type's name.</summary>
    public void Set<T>(T value) where T : notnull => this[Key<T>()] = value;

    /// <summary>Keeps a value under a name.</summary>
    public void Set<T>(T value, string key) where T : notnull => this[key] = value;

    /// <summary>The value kept under its type's name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public T Get<T>() => Get<T>(Key<T>());

    /// <summary>The value kept under a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public T Get<T>(string key) => TryGetValue(key, out var value)
        ? (T)value
        : throw new KeyNotFoundException($"Nothing was kept as '{key}'. An earlier step has to Set it.");

    /// <summary>The value kept under a name, if there is one.</summary>
    public bool TryGetValue<T>(string key, out T? value)
    {
        var found = TryGetValue(key, out object? kept);
        value = found ? (T)kept! : default;
        return found;
    }

    private static string Key<T>() => typeof(T).FullName!;
}

/// <summary>One scenario's run. Injected into a binding's constructor.</summary>
public sealed class ScenarioContext(ScenarioInfo scenarioInfo) : SharedContext
{
    /// <summary>The scenario.</summary>
    public ScenarioInfo ScenarioInfo { get; } = scenarioInfo;

    /// <summary>The step that is running; <see langword="null"/> between steps.</summary>
    public StepInfo? StepInfo { get; internal set; }

    /// <summary>Why the scenario failed; <see langword="null"/> while it has not.</summary>
    public Exception? TestError { get; internal set; }
}

/// <summary>One feature's run. Injected into a binding's constructor.</summary>
public sealed class FeatureContext(FeatureInfo featureInfo) : SharedContext
{
    /// <summary>The feature.</summary>
    public FeatureInfo FeatureInfo { get; } = featureInfo;
}

/// <summary>A scenario as bindings see it.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Description">The text below its name.</param>
/// <param name="Tags">Its own tags and its examples', without the at sign.</param>
/// <param name="CombinedTags">The same with its rule's and its feature's.</param>
/// <param name="Arguments">An outline's example, by column.</param>
public sealed record ScenarioInfo(
    string Title, string Description, IReadOnlyList<string> Tags, IReadOnlyList<string> CombinedTags, IReadOnlyDictionary<string, string> Arguments);

/// <summary>A feature as bindings see it.</summary>
public sealed record FeatureInfo(string Title, string Description, IReadOnlyList<string> Tags, string FilePath);

/// <summary>A step as hooks see it.</summary>
public sealed record StepInfo(StepDefinitionType StepDefinitionType, string Text, DataTable? Table, string? MultilineText);
