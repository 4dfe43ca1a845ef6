using System.Globalization;

namespace EventFeatures.Benchmarks.Soak;

/// <summary>What a soak of the log is asked for.</summary>
/// <param name="Duration">How long faults are injected; what was begun is still checked.</param>
/// <param name="Seed">What all of it is drawn from.</param>
/// <param name="Requests">How many small requests are made first, to see whether memory stays flat; 0 for none.</param>
/// <param name="Json">Whether to print one line of JSON instead of text.</param>
internal sealed record SoakOptions(TimeSpan Duration, int Seed, long Requests, bool Json)
{
    public const string Usage =
        """
        Usage: eventfeatures soak log [--minutes N] [--seed S] [--requests N] [--json]
               eventfeatures soak views [--events N] [--entities N] [--workers N] [--kills N] [--seed S]

        soak log
        Kills the log and its database, cuts and slows its connections and fills its disk while it is in use, and checks
        after each session that nothing which was acknowledged is lost, doubled, reordered or changed.

          --minutes N  how long, 0.1 to 10,000; 1 if left out
          --seed S     repeats the faults and the load of the run that printed this seed
          --requests N makes N small requests first (10,000 or more), with 1,000 subscribers after them, and holds the
                       node to flat memory; none if left out
          --json       one line of JSON at the end
        Ends with 0 when nothing was lost, 1 when something was, memory grew or the soak itself failed, 130 when interrupted; always with the counts so far.

        soak views
        Lets workers in processes of their own project two views of one growing log, kills them at random moments, and
        compares what they came to with what one that nobody disturbs makes of the same log.

          --events N   how many events, 1,000 to 100,000,000; 1,000,000 if left out
          --entities N of how many entities; 100,000 if left out
          --workers N  how many workers, 1 to 16; 2 if left out
          --kills N    how many kills, 0 to 1,000; 10 if left out
          --seed S     repeats the events and the kills of the run that printed this seed
        Ends with 0 when the digests are equal, 1 when they are not, 130 when interrupted.
        Example: eventfeatures soak views --events 100000 --entities 10000 --workers 3
        """;

    private const double MinutesDefault = 1;
    private const double MinutesMin = 0.1;
    private const double MinutesMax = 10_000;
    private const long RequestsMin = 10_000;

    /// <summary>Reads the arguments after <c>soak</c>; <see langword="null"/> when they are not as the usage says.</summary>
    public static SoakOptions? TryParse(ReadOnlySpan<string> arguments)
    {
        if (arguments is not ["log", ..]) return null;
        var options = new SoakOptions(TimeSpan.FromMinutes(MinutesDefault), Environment.TickCount & 0xFFFFFF, Requests: 0, Json: false);
        var rest = arguments[1..];
        while (rest.Length > 0)
        {
            var taken = 2;
            switch (rest)
            {
                case ["--json", ..]:
                    options = options with { Json = true };
                    taken = 1;
                    break;
                case ["--minutes", var text, ..] when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) && minutes is >= MinutesMin and <= MinutesMax:
                    options = options with { Duration = TimeSpan.FromMinutes(minutes) };
                    break;
                case ["--seed", var text, ..] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case ["--requests", var text, ..] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var requests) && requests >= RequestsMin:
                    options = options with { Requests = requests };
                    break;
                default:
                    return null;
            }
            rest = rest[taken..];
        }
        return options;
    }
}
