using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>A registry that holds what a test declares.</summary>
internal sealed class FixedRegistry : IRegistry
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FixedRegistry(params IReadOnlyList<CompiledView> views) => Declare(views);

    public RegistrySnapshot Current { get; private set; } = RegistrySnapshot.Empty;

    public string? Fault => null;

    public void Declare(params IReadOnlyList<CompiledView> views)
    {
        var declared = new Dictionary<ViewReference, CompiledView>(Current.Views);
        foreach (var view in views) declared[new ViewReference(view.View.Name, view.View.Version)] = view;
        Become(Current with { Views = declared });
    }

    public void Retire(params IReadOnlyList<ViewReference> views) =>
        Become(Current with { RetiredViews = views.ToDictionary(view => view, _ => new RetiredVersion("tests", "to be tested")) });

    private void Become(RegistrySnapshot next)
    {
        Current = next;
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public Task SeenAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default) => Task.CompletedTask;

    public async Task ChangedAsync(RegistrySnapshot known, CancellationToken cancellation = default)
    {
        var changed = _changed.Task;
        if (Current == known) await changed.WaitAsync(cancellation);
    }
}
