namespace EventFeatures.Inference.Training;

/// <summary>Solves <c>A x = b</c> for a symmetric positive definite A, of which the lower triangle is given.</summary>
internal static class Cholesky
{
    public static double[] Solve(double[,] matrix, double[] right)
    {
        var size = right.Length;
        var lower = new double[size, size];
        for (var i = 0; i < size; i++)
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++) sum -= lower[i, k] * lower[j, k];
                // A saturated fit can leave a pivot at rounding noise; the floor keeps the step finite, and halving keeps it honest.
                lower[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / lower[j, j];
            }

        var solution = new double[size];
        for (var i = 0; i < size; i++)
        {
            var sum = right[i];
            for (var k = 0; k < i; k++) sum -= lower[i, k] * solution[k];
            solution[i] = sum / lower[i, i];
        }
        for (var i = size - 1; i >= 0; i--)
        {
            var sum = solution[i];
            for (var k = i + 1; k < size; k++) sum -= lower[k, i] * solution[k];
            solution[i] = sum / lower[i, i];
        }
        return solution;
    }
}
