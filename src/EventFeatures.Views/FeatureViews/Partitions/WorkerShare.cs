using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>
/// How many of a view's partitions each living worker shall own. A function of the view and of the workers alone, so
/// that all come to the same numbers, which add up to all partitions and differ by one at most.
/// </summary>
internal static class WorkerShare
{
    /// <param name="view">The view.</param>
    /// <param name="partitions">How many partitions it has.</param>
    /// <param name="workers">The living workers, in any order.</param>
    /// <param name="worker">The worker in question; who is not alive has no share.</param>
    public static int Of(ViewReference view, int partitions, IReadOnlyCollection<Guid> workers, Guid worker)
    {
        if (!workers.Contains(worker)) return 0;
        // Ranked anew for each view, so that views of one partition do not all fall to the same worker.
        var mine = RankOf(view, worker);
        var before = workers.Count(other => other != worker && RankOf(view, other).CompareTo(mine) < 0);
        return (partitions / workers.Count) + (before < partitions % workers.Count ? 1 : 0);
    }

    private static UInt128 RankOf(ViewReference view, Guid worker) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{view}\n{worker}")));
}
