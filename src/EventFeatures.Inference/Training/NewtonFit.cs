namespace EventFeatures.Inference.Training;

/// <summary>
/// Minimises <c>sum(ln(1 + e^z) - y z) + ridge / 2 |w|^2</c>, <c>z = b + w x</c>, by Newton's method with halved
/// steps (iteratively reweighted least squares; Hastie, Tibshirani and Friedman, 4.4.1). The objective is
/// strictly convex once both classes are present, so the descent ends at its one minimum.
/// </summary>
internal sealed class NewtonFit
{
    private const int IterationsMax = 100;

    // The largest gradient component, for each row, at which coefficients are settled far below float32's precision.
    private const double GradientMax = 1e-11;

    private readonly double[] _rows;
    private readonly double[] _labels;
    private readonly int _features;
    private readonly double _ridge;
    private readonly CancellationToken _cancellation;

    private NewtonFit(double[] rows, double[] labels, int features, double ridge, CancellationToken cancellation)
    {
        _rows = rows;
        _labels = labels;
        _features = features;
        _ridge = ridge;
        _cancellation = cancellation;
    }

    public static (double[] Weights, double Intercept, int Iterations) Run(
        double[] rows, double[] labels, int features, double ridge, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (parameters, iterations) = new NewtonFit(rows, labels, features, ridge, cancellation).Minimise(progress);
        progress?.Report(1);
        return (parameters[1..], parameters[0], iterations);
    }

    // Parameter 0 is the intercept, 1.. are the weights.
    private (double[] Parameters, int Iterations) Minimise(IProgress<double>? progress)
    {
        var size = _features + 1;
        var parameters = new double[size];
        var rate = _labels.Sum() / _labels.Length;
        parameters[0] = Math.Log(rate / (1 - rate));
        var objective = Objective(parameters);
        var gradient = new double[size];
        var hessian = new double[size, size];
        var first = 0.0;
        for (var iteration = 1; iteration <= IterationsMax; iteration++)
        {
            Differentiate(parameters, gradient, hessian);
            var steepest = gradient.Max(Math.Abs) / _labels.Length;
            first = Math.Max(first, steepest);
            progress?.Report(Done(first, steepest));
            if (steepest <= GradientMax) return (parameters, iteration - 1);

            var step = Cholesky.Solve(hessian, gradient);
            if (!TryStep(parameters, step, ref objective)) return (parameters, iteration - 1);
        }
        return (parameters, IterationsMax);
    }

    // Halves the step until it lowers the objective; no such step is left once rounding is all that remains.
    private bool TryStep(double[] parameters, double[] step, ref double objective)
    {
        var candidate = new double[parameters.Length];
        for (var length = 1.0; length > 1e-9; length /= 2)
        {
            for (var i = 0; i < candidate.Length; i++) candidate[i] = parameters[i] - length * step[i];
            var there = Objective(candidate);
            if (!(there < objective)) continue;
            objective = there;
            candidate.CopyTo(parameters, 0);
            return true;
        }
        return false;
    }

    private double Objective(double[] parameters)
    {
        var sum = 0.0;
        for (var row = 0; row < _labels.Length; row++)
        {
            _cancellation.ThrowIfCancellationRequested();
            var z = Logit(parameters, row);
            // ln(1 + e^z) without overflow.
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - _labels[row] * z;
        }
        for (var feature = 1; feature <= _features; feature++) sum += _ridge / 2 * parameters[feature] * parameters[feature];
        return sum;
    }

    private void Differentiate(double[] parameters, double[] gradient, double[,] hessian)
    {
        Array.Clear(gradient);
        Array.Clear(hessian);
        var x = new double[_features + 1];
        x[0] = 1;
        for (var row = 0; row < _labels.Length; row++)
        {
            _cancellation.ThrowIfCancellationRequested();
            Array.Copy(_rows, row * (long)_features, x, 1, _features);
            var probability = Sigmoid(Logit(parameters, row));
            var residual = probability - _labels[row];
            var curvature = probability * (1 - probability);
            for (var i = 0; i < x.Length; i++)
            {
                gradient[i] += residual * x[i];
                var weighted = curvature * x[i];
                for (var j = 0; j <= i; j++) hessian[i, j] += weighted * x[j];
            }
        }
        for (var i = 1; i < x.Length; i++)
        {
            gradient[i] += _ridge * parameters[i];
            hessian[i, i] += _ridge;
        }
    }

    private double Logit(double[] parameters, int row)
    {
        var z = parameters[0];
        var start = row * (long)_features;
        for (var feature = 0; feature < _features; feature++) z += parameters[feature + 1] * _rows[start + feature];
        return z;
    }

    private static double Sigmoid(double z) => z >= 0 ? 1 / (1 + Math.Exp(-z)) : Math.Exp(z) / (1 + Math.Exp(z));

    // Newton gains digits of the gradient, so their share is the share of the work done.
    private static double Done(double first, double now) =>
        now <= GradientMax ? 1 : Math.Clamp(Math.Log(first / now) / Math.Log(first / GradientMax), 0, 1);
}
