using EventFeatures.Api.V1;

namespace EventFeatures.Cli.Output;

/// <summary>Feature values with their status and age.</summary>
internal static class FeatureTable
{
    public static void Print(TextWriter writer, IEnumerable<FeatureValue> features) =>
        Table.Print(writer, ["feature", "value", "status", "age"], features.Select(feature => new[]
        {
            feature.Name,
            ValueText.Write(feature.Value),
            StatusName(feature.Status),
            feature.HasAgeSeconds ? Age(feature.AgeSeconds) : "",
        }));

    public static string StatusName(FeatureStatus status) => status switch
    {
        FeatureStatus.Present => "PRESENT",
        FeatureStatus.Null => "NULL",
        FeatureStatus.NotFound => "NOT_FOUND",
        FeatureStatus.OutsideMaxAge => "OUTSIDE_MAX_AGE",
        FeatureStatus.Erased => "ERASED",
        _ => "",
    };

    private static string Age(double seconds) => TimeSpan.FromSeconds(seconds).ToString(seconds < 86_400 ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture);
}
