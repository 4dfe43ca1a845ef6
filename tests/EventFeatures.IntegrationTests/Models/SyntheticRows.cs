namespace EventFeatures.IntegrationTests.Models;

/// <summary>Rows whose outcomes follow a known logistic law.</summary>
internal static class SyntheticRows
{
    public static (float[][] Rows, float[] Labels) Draw(int count, double intercept, double[] coefficients, double nullShare = 0, int seed = 1)
    {
        var random = new Random(seed);
        var rows = new float[count][];
        var labels = new float[count];
        for (var row = 0; row < count; row++)
        {
            rows[row] = new float[coefficients.Length];
            var z = intercept;
            for (var feature = 0; feature < coefficients.Length; feature++)
            {
                // Features of very different scale and place, as real ones are.
                var value = (float)((random.NextDouble() * 2 - 1) * Scale(feature) + 3 * feature);
                z += coefficients[feature] / Scale(feature) * (value - 3 * feature);
                rows[row][feature] = random.NextDouble() < nullShare ? float.NaN : value;
            }
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-z)) ? 1 : 0;
        }
        return (rows, labels);
    }

    public static double Scale(int feature) => Math.Pow(10, feature % 4 - 1);

    public static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(index => $"view__feature_{index}")];
}
