using System.Globalization;
using System.Text.Json;
using EventFeatures.Testing.Faults;

namespace EventFeatures.Benchmarks.Soak;

/// <summary>Shows a soak's progress on standard error, and its counts at the end.</summary>
internal sealed class SoakReport(TextWriter output, TextWriter progress) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly long _begun = TimeProvider.System.GetTimestamp();
    private readonly List<string> _wrong = [];
    private readonly List<string> _skipped = [];
    private readonly List<string> _notes = [];
    private string? _error;
    private SoakOptions? _options;
    private ITimer? _timer;

    public FaultCounts Counts { get; } = new();

    public bool FoundWrong => _wrong.Count > 0;

    public bool HasFailed => _error is not null;

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_begun);

    public void Begin(SoakOptions options)
    {
        _options = options;
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Soaking the log for {options.Duration.TotalMinutes:0.##} minutes; repeat with --seed {options.Seed}."));
        _timer = TimeProvider.System.CreateTimer(_ => progress.WriteLine(Line()), null, Every, Every);
    }

    public void Found(IReadOnlyList<string> wrong)
    {
        foreach (var each in wrong) progress.WriteLine(each);
        _wrong.AddRange(wrong);
    }

    /// <summary>The soak itself cannot go on; what was counted until then stands.</summary>
    /// <param name="seed">Of the session that it happened in.</param>
    /// <param name="error">What ended it.</param>
    public void Failed(int seed, Exception error)
    {
        progress.WriteLine(error);
        _error = string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {error.GetType().Name}: {error.Message}");
    }

    public void Note(string note)
    {
        progress.WriteLine(note);
        _notes.Add(note);
    }

    public void Skipped(string what, string reason)
    {
        if (_skipped.Contains(what)) return;
        progress.WriteLine($"Without {what}: {reason}");
        _skipped.Add(what);
    }

    public void End()
    {
        _timer?.Dispose();
        if (_options!.Json) output.WriteLine(Json());
        else
        {
            output.WriteLine(Line() + (FoundWrong || HasFailed ? $"; repeat with --seed {_options.Seed}" : ""));
            // Again, so that whoever keeps the outcome alone has what it was: of an exception its type, message and stack.
            foreach (var each in _wrong) output.WriteLine(each);
            if (HasFailed) output.WriteLine($"The soak ended early and says nothing of what it did not check: {_error}");
        }
    }

    public void Dispose() => _timer?.Dispose();

    private string Line() => string.Create(CultureInfo.InvariantCulture,
        $"{Elapsed.TotalMinutes:0.0} min: {Counts.Sessions} sessions checked, {Counts.Rounds} rounds, {Counts.Kills} kills ({Kinds()}), {Counts.EventsAcknowledged:N0} events acknowledged, {Counts.EventsDelivered:N0} delivered, {Counts.EventsRead:N0} read, {Counts.DoubtsHealed:N0} doubts healed, found wrong: {_wrong.Count}");

    private string Kinds() => string.Join(", ", Counts.Faults.OrderBy(each => each.Key).Select(each => $"{each.Key} {each.Value}"));

    private string Json() => JsonSerializer.Serialize(
        new
        {
            seed = _options!.Seed,
            minutes = Math.Round(Elapsed.TotalMinutes, 2),
            sessions = Counts.Sessions,
            rounds = Counts.Rounds,
            kills = Counts.Kills,
            faults = Counts.Faults.OrderBy(each => each.Key).ToDictionary(each => each.Key.ToString(), each => each.Value),
            eventsAcknowledged = Counts.EventsAcknowledged,
            eventsDelivered = Counts.EventsDelivered,
            eventsRead = Counts.EventsRead,
            doubtsHealed = Counts.DoubtsHealed,
            lost = _wrong.Count,
            wrong = _wrong,
            error = _error,
            skipped = _skipped,
            memory = _notes,
        }, JsonSerializerOptions.Web);
}
