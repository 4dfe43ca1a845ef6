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
        Current = Current with { Views = declared };
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public Task SeenAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default) => Task.CompletedTask;

    public async Task ChangedAsync(RegistrySnapshot known, CancellationToken cancellation = default)
    {
        var changed = _changed.Task;
        if (Current == known) await changed.WaitAsync(cancellation);
    }
}
