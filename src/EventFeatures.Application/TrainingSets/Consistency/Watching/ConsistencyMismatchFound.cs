namespace EventFeatures.Application.TrainingSets.Consistency.Watching;

/// <summary>Something that was served, or that an online view answers, is not what the batch path gives.</summary>
/// <param name="Path"><c>served</c> or <c>online</c>.</param>
/// <param name="Feature">The feature: its name in the service for a served one, <c>view__feature</c> for an online one.</param>
/// <param name="Count">How many of its values differed since this was last told of it.</param>
/// <param name="Example">The first of them for people: whose it is, both values, and their time and position.</param>
public sealed record ConsistencyMismatchFound(string Path, string Feature, long Count, string Example)
{
    /// <summary>The stream of all of them. They are about the system's own promise, not about one model.</summary>
    public const string Stream = "monitor-consistency";
}
