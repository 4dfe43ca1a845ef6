namespace EventFeatures.Testing.Faults;

/// <summary>Draws faults from a seed: the same ones in the same order, each time.</summary>
public static class FaultSchedule
{
    private static readonly (FaultKind Kind, int Weight)[] Usual =
    [
        (FaultKind.KillNode, 45), (FaultKind.KillPostgres, 12), (FaultKind.KillBoth, 6), (FaultKind.KillWriterSession, 22), (FaultKind.StopNode, 3),
        (FaultKind.DropConnections, 4), (FaultKind.CutLink, 3), (FaultKind.FreezeLink, 2), (FaultKind.DelayLink, 3),
    ];

    private static readonly (FaultKind Kind, int Weight)[] WithSmallDisk = [(FaultKind.FillDisk, 40), (FaultKind.KillNode, 30), (FaultKind.KillPostgres, 20), (FaultKind.KillBoth, 10)];

    /// <param name="seed">What the draw depends on.</param>
    /// <param name="smallDisk">Whether PostgreSQL's disk can be filled.</param>
    public static IEnumerable<Fault> Draw(int seed, bool smallDisk)
    {
        var random = new Random(seed);
        var kinds = smallDisk ? WithSmallDisk : Usual;
        while (true)
        {
            var kind = Pick(kinds, random.Next(kinds.Sum(each => each.Weight)));
            yield return new Fault(
                kind, random.Next(5, 80), TimeSpan.FromMilliseconds(random.NextDouble() * 30),
                TimeSpan.FromMilliseconds(kind == FaultKind.FillDisk ? random.Next(300, 1500) : random.Next(20, 600)));
        }
    }

    private static FaultKind Pick((FaultKind Kind, int Weight)[] kinds, int at)
    {
        foreach (var (kind, weight) in kinds)
            if ((at -= weight) < 0) return kind;
        return kinds[^1].Kind;
    }
}
