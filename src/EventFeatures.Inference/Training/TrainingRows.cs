using EventFeatures.Core.Models;

namespace EventFeatures.Inference.Training;

/// <summary>What rows must be for a fit to mean something.</summary>
internal static class TrainingRows
{
    /// <exception cref="ModelInvalidException">They are not; the message names the first row that is wrong.</exception>
    public static void Check(IReadOnlyList<float[]> rows, IReadOnlyList<float> labels, IReadOnlyList<string> featureNames)
    {
        if (featureNames.Count == 0)
            throw new ModelInvalidException("There is no feature to train on. Give the training set at least one.");
        if (featureNames.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ModelInvalidException($"Feature '{twice.Key}' is named {twice.Count()} times. Name each feature once.");
        if (rows.Count != labels.Count)
            throw new ModelInvalidException($"There are {rows.Count:N0} rows but {labels.Count:N0} labels. Give one label for each row.");
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Length != featureNames.Count)
                throw new ModelInvalidException($"Row {row} has {rows[row].Length} values for {featureNames.Count} features. Give one for each, NaN for null.");
            if (Array.FindIndex(rows[row], float.IsInfinity) is >= 0 and var infinite)
                throw new ModelInvalidException($"Row {row} has {rows[row][infinite]} for '{featureNames[infinite]}'. Give finite values, NaN for null.");
            if (labels[row] is not (0 or 1))
                throw new ModelInvalidException($"Row {row} has label {labels[row]}. Labels are 0 or 1; leave out rows whose outcome is unknown.");
        }
        var positives = labels.Count(label => label == 1);
        if (positives == 0 || positives == labels.Count)
            throw new ModelInvalidException(
                $"Of {labels.Count:N0} rows {positives:N0} are positive, so there is nothing to tell apart. Train on a time span that holds both outcomes.");
    }
}
