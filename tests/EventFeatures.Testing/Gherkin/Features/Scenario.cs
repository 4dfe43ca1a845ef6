namespace EventFeatures.Testing.Gherkin.Features;

/// <summary>One runnable scenario: backgrounds put before it, an outline's placeholders filled in.</summary>
/// <param name="Feature">The feature that it stands in.</param>
/// <param name="Rule">The rule that it stands under; <see langword="null"/> for none.</param>
/// <param name="Info">Its name, tags and example.</param>
/// <param name="Line">The line of the scenario or, for an outline, of the example.</param>
/// <param name="Steps">The steps, backgrounds first.</param>
public sealed record Scenario(FeatureInfo Feature, string? Rule, ScenarioInfo Info, int Line, IReadOnlyList<Step> Steps)
{
    /// <summary>As test results show it: <c>Feature: Scenario (example)</c>.</summary>
    public string DisplayName => $"{Feature.Title}: {Info.Title}"
        + (Info.Arguments.Count > 0 ? $" ({string.Join(", ", Info.Arguments.Select(argument => $"{argument.Key}: {argument.Value}"))})" : "");

    /// <summary>The file and line, as editors follow it.</summary>
    public string Location => $"{Feature.FilePath}:{Line}";

    /// <summary>Whether it is marked with <c>@ignore</c>.</summary>
    public bool IsIgnored => Info.CombinedTags.Contains("ignore", StringComparer.OrdinalIgnoreCase);
}

/// <summary>One step of a scenario.</summary>
/// <param name="Keyword">As written, for example <c>And</c>.</param>
/// <param name="Line">Its line in the feature file.</param>
/// <param name="Info">Its kind, text, table and doc string.</param>
public sealed record Step(string Keyword, int Line, StepInfo Info)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Keyword} {Info.Text}";
}
