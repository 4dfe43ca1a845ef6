using System.Text.Json;
using System.Text.Json.Serialization;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.TrainingSets.Consistency.Watching;

/// <summary>How far comparing in the background has come, as it is kept.</summary>
internal sealed record WatchState
{
    /// <summary>The work's name.</summary>
    public const string Work = "consistency";

    private const int MismatchesMax = 1_000;

    /// <summary>Up to where every prediction was compared.</summary>
    public ulong Checked { get; init; }

    public PathCounts Served { get; init; } = new(0, 0, 0);

    public PathCounts Online { get; init; } = new(0, 0, 0);

    public long WithoutFeatures { get; init; }

    public long NotComparable { get; init; }

    /// <summary>How often all online vectors were compared.</summary>
    public long Passes { get; init; }

    /// <summary>When the last pass ended, in microseconds; 0 before the first.</summary>
    public long PassEndedAt { get; init; }

    /// <summary>The view in which the present pass is; null between two.</summary>
    public string? View { get; init; }

    /// <summary>The last entity of it that was compared; null before the first.</summary>
    public string? Key { get; init; }

    public IReadOnlyList<KnownMismatch> Mismatches { get; init; } = [];

    [JsonIgnore]
    public Position Position => new(Checked);

    public static WatchState Read(string text) => text.Length == 0 ? new WatchState() : JsonSerializer.Deserialize<WatchState>(text) ?? new WatchState();

    public override string ToString() => JsonSerializer.Serialize(this);

    /// <summary>Adds what a step found, and says what of it is to be told.</summary>
    public (WatchState Next, IReadOnlyList<ConsistencyMismatchFound> Told) With(ConsistencyReport found, Instant now, Duration tellEvery)
    {
        var (known, told) = (Mismatches.ToList(), new List<ConsistencyMismatchFound>());
        foreach (var mismatch in found.Mismatches)
        {
            var at = known.FindIndex(one => one.Path == mismatch.Path && one.Feature == mismatch.Feature);
            if (at < 0 && known.Count == MismatchesMax) continue;
            var one = at < 0 ? new KnownMismatch(mismatch.Path, mismatch.Feature, 0, 0, 0, mismatch.Example) : known[at];
            one = one with { Count = one.Count + mismatch.Count, Untold = one.Untold + mismatch.Count, Example = mismatch.Example };
            if (one.ToldAt == 0 || now - new Instant(one.ToldAt) >= tellEvery)
            {
                told.Add(new ConsistencyMismatchFound(one.Path, one.Feature, one.Untold, mismatch.Example));
                one = one with { Untold = 0, ToldAt = now.Microseconds };
            }
            if (at < 0) known.Add(one);
            else known[at] = one;
        }
        return (this with
        {
            Served = Sum(Served, found.Served), Online = Sum(Online, found.Online), WithoutFeatures = WithoutFeatures + found.WithoutFeatures,
            NotComparable = NotComparable + found.NotComparable.Values.Sum(), Mismatches = known,
        }, told);
    }

    private static PathCounts Sum(PathCounts one, PathCounts other) => new(one.Vectors + other.Vectors, one.Values + other.Values, one.Differing + other.Differing);
}

/// <summary>What was found of one feature.</summary>
/// <param name="Path"><c>served</c> or <c>online</c>.</param>
/// <param name="Feature">Which.</param>
/// <param name="Count">How many of its values differed in all.</param>
/// <param name="Untold">How many of them no event tells yet.</param>
/// <param name="ToldAt">When an event told of it last, in microseconds; 0 for never.</param>
/// <param name="Example">The newest of them for people.</param>
internal sealed record KnownMismatch(string Path, string Feature, long Count, long Untold, long ToldAt, string Example);
