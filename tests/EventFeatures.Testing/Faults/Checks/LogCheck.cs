using EventFeatures.Testing.Faults.Load;

namespace EventFeatures.Testing.Faults.Checks;

/// <summary>
/// Compares a log with what its users know: what was acknowledged is there, once, in order, at its place and with its
/// bytes; what was refused is not; what was never answered is there once and whole, or not at all; nothing else is.
/// </summary>
public static class LogCheck
{
    /// <summary>Everything that is wrong, in words; empty when the log keeps its promises.</summary>
    /// <param name="log">The whole log, as a read of it gave it.</param>
    /// <param name="attempts">Every append that was tried.</param>
    public static IReadOnlyList<string> Run(IReadOnlyList<SeenEvent> log, IEnumerable<Attempt> attempts)
    {
        List<string> wrong = [];
        InOrder(log, wrong);
        Gapless(log, wrong);
        foreach (var seen in log.Where(seen => !seen.Intact)) wrong.Add($"Event {seen.Id} at position {seen.Position} has other bytes than were appended.");
        var places = log.ToLookup(seen => (seen.Stream, seen.Id));
        foreach (var twice in places.Where(place => place.Count() > 1))
            wrong.Add($"Event {twice.Key.Id} is in '{twice.Key.Stream}' {twice.Count()} times, at positions {string.Join(", ", twice.Select(seen => seen.Position))}.");
        HashSet<(string, Guid)> known = [];
        foreach (var attempt in attempts)
        {
            foreach (var id in attempt.Ids) known.Add((attempt.Stream, id));
            Settled(attempt, [.. attempt.Ids.SelectMany(id => places[(attempt.Stream, id)])], wrong);
        }
        foreach (var seen in log.Where(seen => !seen.Stream.StartsWith('$') && !known.Contains((seen.Stream, seen.Id))))
            wrong.Add($"Event {seen.Id} at position {seen.Position} of '{seen.Stream}' was never appended.");
        return wrong;
    }

    /// <summary>What a subscriber was given, against the log's own order.</summary>
    public static IReadOnlyList<string> Delivered(string who, IReadOnlyList<ulong> delivered, IEnumerable<ulong> wanted)
    {
        var all = wanted.ToList();
        var same = delivered.Zip(all).TakeWhile(pair => pair.First == pair.Second).Count();
        if (same == delivered.Count && same == all.Count) return [];
        return [$"The {who} follower got {Name(delivered, same)} as its event number {same}, where the log has {Name(all, same)}; it got {delivered.Count} of {all.Count} events."];

        static string Name(IReadOnlyList<ulong> positions, int index) => index < positions.Count ? $"position {positions[index]}" : "nothing";
    }

    private static void InOrder(IReadOnlyList<SeenEvent> log, List<string> wrong)
    {
        for (var i = 0; i < log.Count; i++)
            if (log[i].Position != (ulong)i + 1)
            {
                wrong.Add($"Event number {i + 1} of the log is at position {log[i].Position}; positions are dense from 1.");
                return;
            }
    }

    private static void Gapless(IReadOnlyList<SeenEvent> log, List<string> wrong)
    {
        foreach (var stream in log.GroupBy(seen => seen.Stream, StringComparer.Ordinal))
        {
            long next = 0;
            foreach (var seen in stream)
            {
                if (seen.Revision == next++) continue;
                wrong.Add($"Stream '{stream.Key}' has revision {seen.Revision} at position {seen.Position}, where {next - 1} comes next.");
                break;
            }
        }
    }

    private static void Settled(Attempt attempt, IReadOnlyList<SeenEvent> found, List<string> wrong)
    {
        switch (attempt.End)
        {
            case AttemptEnd.Acknowledged when found.Count < attempt.Ids.Count:
                wrong.Add($"LOST: {attempt} was acknowledged at revision {attempt.Answer!.NextExpectedRevision}, position {attempt.Answer.Position}, and {attempt.Ids.Count - found.Count} of its events are missing.");
                return;
            case AttemptEnd.Acknowledged when found[^1].Revision != attempt.Answer!.NextExpectedRevision || found[^1].Position != attempt.Answer.Position.Value:
                wrong.Add($"The {attempt} was acknowledged at revision {attempt.Answer!.NextExpectedRevision}, position {attempt.Answer.Position}, but lies at revision {found[^1].Revision}, position {found[^1].Position}.");
                break;
            case AttemptEnd.Refused when found.Count > 0:
                wrong.Add($"The {attempt} was refused, yet {found.Count} of its events are in the log.");
                return;
            case AttemptEnd.Doubtful when found.Count > 0 && found.Count < attempt.Ids.Count:
                wrong.Add($"Of the {attempt}, which was never answered, {found.Count} events are in the log: neither all nor none.");
                return;
        }
        if (found.Where((seen, index) => seen.Position != found[0].Position + (ulong)index || seen.Revision != found[0].Revision + index).Any())
            wrong.Add($"The events of the {attempt} do not lie side by side, in their order.");
        if (found.Count > 0 && attempt.Expected.Revision is { } expected && found[0].Revision != expected + 1)
            wrong.Add($"The {attempt} begins at revision {found[0].Revision}.");
    }
}
