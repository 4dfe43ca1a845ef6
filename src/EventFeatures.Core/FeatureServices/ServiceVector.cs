namespace EventFeatures.Core.FeatureServices;

/// <summary>A service's inputs for one request, after what it says about missing values.</summary>
/// <param name="Values">In the model's input order.</param>
/// <param name="Refused">The inputs without a value for which the service refuses the request.</param>
/// <param name="FellBack">The inputs without a value for which the model is not asked.</param>
public sealed record ServiceVector(IReadOnlyList<ServiceValue> Values, IReadOnlyList<string> Refused, IReadOnlyList<string> FellBack)
{
    /// <summary>The model's input: float32, NaN for null.</summary>
    public float[] ToModelInput() => ModelInput.Of([.. Values.Select(value => value.Value)]);
}
