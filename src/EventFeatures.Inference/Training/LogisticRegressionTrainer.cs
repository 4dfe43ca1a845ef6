using EventFeatures.Core.Models;

namespace EventFeatures.Inference.Training;

/// <summary>
/// Logistic regression with a ridge, fitted by Newton's method on all rows. No randomness, one thread and one
/// order of every sum: equal rows give equal bytes. Rows are not reweighted, so that probabilities stay
/// calibrated however rare the positive class is.
/// </summary>
/// <param name="ridge">
/// The penalty <c>ridge / 2 * |w|^2</c> on the standardised coefficients, the intercept not among them. It keeps
/// separable data from driving them to infinity. More than 0; 1 is one row's worth of doubt.
/// </param>
public sealed class LogisticRegressionTrainer(double ridge = 1) : ITrainer
{
    private readonly double _ridge = ridge is > 0 and < double.PositiveInfinity
        ? ridge
        : throw new ArgumentOutOfRangeException(nameof(ridge), ridge, "A ridge is more than 0.");

    public TrainedModel Train(
        IReadOnlyList<float[]> rows, IReadOnlyList<float> labels, IReadOnlyList<string> featureNames, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        TrainingRows.Check(rows, labels, featureNames);
        var standard = Standardisation.Of(rows, featureNames.Count);
        var standardised = standard.Apply(rows);
        var fit = NewtonFit.Run(standardised, [.. labels.Select(label => (double)label)], featureNames.Count, _ridge, progress, cancellation);

        var weights = fit.Weights.Select(weight => (float)weight).ToArray();
        var coefficients = new Dictionary<string, double>(StringComparer.Ordinal);
        var intercept = fit.Intercept;
        for (var feature = 0; feature < weights.Length; feature++)
        {
            var coefficient = fit.Weights[feature] * standard.InverseScales[feature];
            coefficients.Add(featureNames[feature], coefficient);
            intercept -= coefficient * standard.Means[feature];
        }
        var onnx = LogisticRegressionGraph.Write(standard.Means, standard.InverseScales, weights, (float)fit.Intercept, featureNames);
        return new TrainedModel(onnx, coefficients, intercept, fit.Iterations);
    }
}
