using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;

namespace EventFeatures.Core.Definitions;

/// <summary>What is declared and deployed, as folded from the definition streams of the log. Reads see a consistent moment.</summary>
public interface IRegistry
{
    /// <summary>The state at this moment; immutable.</summary>
    RegistrySnapshot Current { get; }

    /// <summary>
    /// Why the registry does not follow the log: for good, with the position of what it cannot read, or because the log is
    /// away; <see langword="null"/> while it does.
    /// </summary>
    string? Fault { get; }

    /// <summary>Completes once the registry has seen a position, or throws <see cref="TimeoutException"/> after the deadline.</summary>
    Task SeenAsync(Events.Position position, TimeSpan deadline, CancellationToken cancellation = default);

    /// <summary>Completes when the state is no longer <paramref name="known"/>.</summary>
    Task ChangedAsync(RegistrySnapshot known, CancellationToken cancellation = default);
}

/// <summary>One moment of the registry.</summary>
/// <param name="Position">The last definition event that was folded in.</param>
public sealed record RegistrySnapshot(Events.Position Position)
{
    /// <summary>Nothing declared yet.</summary>
    public static readonly RegistrySnapshot Empty = new(Events.Position.Start);

    /// <summary>Contracts by <c>name/major</c>; the newest minor of each, and the system's own.</summary>
    public IReadOnlyDictionary<string, DataContract> Contracts { get; init; } = BuiltInContracts.Current;

    /// <summary>Entities by name; the newest version of each.</summary>
    public IReadOnlyDictionary<string, Entity> Entities { get; init; } = new Dictionary<string, Entity>();

    /// <summary>Every version of every view, compiled.</summary>
    public IReadOnlyDictionary<ViewReference, CompiledView> Views { get; init; } = new Dictionary<ViewReference, CompiledView>();

    /// <summary>The view's version that was switched to last, by the view's name; without an entry the newest serves.</summary>
    public IReadOnlyDictionary<string, ServedVersion> ServedViews { get; init; } = new Dictionary<string, ServedVersion>();

    /// <summary>Versions of views that are projected no more. What was predicted with them is still derived from the log.</summary>
    public IReadOnlyDictionary<ViewReference, RetiredVersion> RetiredViews { get; init; } = new Dictionary<ViewReference, RetiredVersion>();

    /// <summary>By the view's name, the version that is to serve once it has caught up.</summary>
    public IReadOnlyDictionary<string, PlannedSwitch> PlannedSwitches { get; init; } = new Dictionary<string, PlannedSwitch>();

    /// <summary>Every version of every view that is projected, compiled.</summary>
    public IEnumerable<KeyValuePair<ViewReference, CompiledView>> ProjectedViews => Views.Where(view => !RetiredViews.ContainsKey(view.Key));

    /// <summary>The version that a read by the view's name alone gets; null where there is no such view.</summary>
    public ViewReference? ServedView(string name) => ServedViews.TryGetValue(name, out var served)
        ? new ViewReference(name, served.Version)
        : ProjectedViews.Select(view => view.Key).Where(view => view.Name == name).OrderByDescending(view => view.Version).Cast<ViewReference?>().FirstOrDefault();

    /// <summary>Services by <c>name@v1</c>.</summary>
    public IReadOnlyDictionary<string, FeatureService> Services { get; init; } = new Dictionary<string, FeatureService>();

    /// <summary>Every version of every definition, in the order in which they were applied; references in them are pinned.</summary>
    public IReadOnlyList<Definition> History { get; init; } = [];

    /// <summary>What is in the definition streams but conflicts with what came before it, in the log's order.</summary>
    public IReadOnlyList<NotInForce> NotInForce { get; init; } = [];

    /// <summary>Each time that something of this digest was appended to a stream and did not come into force.</summary>
    public IEnumerable<NotInForce> Lost(string stream, string digest) => NotInForce.Where(one => one.Stream == stream && one.Digest == digest);

    /// <summary>The last revision of every definition stream.</summary>
    public IReadOnlyDictionary<string, long> StreamRevisions { get; init; } = new Dictionary<string, long>();

    /// <summary>Models by name, with their versions and the champion.</summary>
    public IReadOnlyDictionary<string, ModelEntry> Models { get; init; } = new Dictionary<string, ModelEntry>();
}

/// <summary>The version of a view that serves by its name alone.</summary>
/// <param name="Version">The version.</param>
/// <param name="PreviousVersion">The version that served before; null where it has not been switched yet.</param>
public sealed record ServedVersion(int Version, int? PreviousVersion);

/// <summary>Who retired a version of a view, and why.</summary>
/// <param name="By">Who.</param>
/// <param name="Why">Why.</param>
public sealed record RetiredVersion(string By, string Why);

/// <summary>A switch that was asked for when the version was applied.</summary>
/// <param name="Version">The version that is to serve.</param>
/// <param name="By">Who asked.</param>
/// <param name="Why">Why.</param>
public sealed record PlannedSwitch(int Version, string By, string Why);

/// <summary>The registry stopped following the log. The message says where and why.</summary>
public sealed class RegistryStoppedException(string message, Exception? inner = null) : Exception(message, inner);
