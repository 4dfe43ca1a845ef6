using global::Gherkin;

namespace EventFeatures.Testing.Gherkin.Features;

/// <summary>Reads a feature file with the official parser and lays out its scenarios.</summary>
public static class FeatureParser
{
    /// <summary>The scenarios of a feature, in the file's order; none when the file holds only comments.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">The path that failures name.</param>
    /// <exception cref="FeatureInvalidException">The text is not Gherkin, or a scenario could not be run as it is written.</exception>
    public static IReadOnlyList<Scenario> Parse(string text, string path)
    {
        try
        {
            var feature = new Parser().Parse(new StringReader(text)).Feature;
            return feature is null ? [] : [.. new FeatureLayout(feature, path).Scenarios()];
        }
        catch (CompositeParserException invalid)
        {
            throw new FeatureInvalidException(string.Join('\n', invalid.Errors.Select(error => $"{path}:{error.Location?.Line ?? 1}: {error.Message}")), invalid);
        }
        catch (ParserException invalid)
        {
            throw new FeatureInvalidException($"{path}:{invalid.Location?.Line ?? 1}: {invalid.Message}", invalid);
        }
    }
}

/// <summary>A feature file that cannot be run. The message names file and line.</summary>
public sealed class FeatureInvalidException(string message, Exception? inner = null) : Exception(message, inner);
