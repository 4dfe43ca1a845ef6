using System.Text.Json;

namespace EventFeatures.Core.Predictions;

/// <summary>Reads texts that have to be there.</summary>
internal static class RequiredText
{
    /// <summary>The text.</summary>
    /// <exception cref="JsonException">There is null instead: whoever uses the dossier would fail on it later, far from its place.</exception>
    public static string GetRequiredString(this JsonElement element) =>
        element.GetString() ?? throw new JsonException("A text that has to be there is null.");
}
