namespace EventFeatures.Inference.Training;

/// <summary>
/// Each feature's mean and inverse standard deviation over its known values. They are rounded to float32
/// before the fit, so that what is fitted is what the exported graph computes.
/// </summary>
internal sealed record Standardisation(float[] Means, float[] InverseScales)
{
    public static Standardisation Of(IReadOnlyList<float[]> rows, int features)
    {
        var means = new float[features];
        var inverseScales = new float[features];
        for (var feature = 0; feature < features; feature++)
            (means[feature], inverseScales[feature]) = OfColumn(rows, feature);
        return new Standardisation(means, inverseScales);
    }

    /// <summary>The rows, one after another: <c>(x - mean) / deviation</c>, and 0 for NaN, which is imputed by the mean.</summary>
    public double[] Apply(IReadOnlyList<float[]> rows)
    {
        var features = Means.Length;
        var result = new double[rows.Count * (long)features];
        for (var row = 0; row < rows.Count; row++)
            for (var feature = 0; feature < features; feature++)
            {
                var value = rows[row][feature];
                if (!float.IsNaN(value))
                    result[row * (long)features + feature] = ((double)value - Means[feature]) * InverseScales[feature];
            }
        return result;
    }

    private static (float Mean, float InverseScale) OfColumn(IReadOnlyList<float[]> rows, int feature)
    {
        long known = 0;
        double sum = 0;
        float least = float.PositiveInfinity, greatest = float.NegativeInfinity;
        foreach (var row in rows)
        {
            var value = row[feature];
            if (float.IsNaN(value)) continue;
            known++;
            sum += value;
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }
        if (known == 0) return (0, 0);

        // A constant says nothing: scale 0 gives it no part in the fit, nor in any score.
        if (least == greatest) return (least, 0);
        var mean = (float)(sum / known);
        double squares = 0;
        foreach (var row in rows)
            if (!float.IsNaN(row[feature]))
                squares += ((double)row[feature] - mean) * ((double)row[feature] - mean);
        var inverse = (float)(1 / Math.Sqrt(squares / known));
        return (mean, float.IsFinite(inverse) ? inverse : 0);
    }
}
