using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows.Pasts;

/// <summary>What the rows that an entity's state keeps no more came to, feature by feature.</summary>
internal sealed class EntityPast(CompiledView view)
{
    // Made when first needed: most entities keep all they have.
    private WindowPast[]? _windows;

    /// <summary>How many rows there are.</summary>
    public long Count { get; private set; }

    /// <summary>The newest event time; null when there are none.</summary>
    public Instant? Newest { get; private set; }

    private WindowPast[] Windows => _windows ??= [.. view.Kernels.ToArray().Select(kernel => kernel.Frame.NewPast(kernel))];

    /// <summary>Takes in a row that is kept no more.</summary>
    public void Add(FeatureRow row)
    {
        foreach (var window in Windows) window.Add(row);
        Count++;
        if (Newest is null || row.OccurredAt > Newest) Newest = row.OccurredAt;
    }

    /// <summary>Lets go of what no as-of instant from <paramref name="asOfMin"/> on can need.</summary>
    public void Forget(Instant asOfMin)
    {
        if (Count == 0) return;
        for (var i = 0; i < Windows.Length; i++)
            if (view.Kernels[i].Frame.RangeAt(asOfMin - view.Kernels[i].Frame.Offset).First is { } first) Windows[i].Forget(first);
    }

    /// <summary>Whether all of it lies before the end of every window at an instant.</summary>
    public bool Precedes(Instant asOf) => Newest is null || Newest < asOf - view.Retention.OffsetMax;

    /// <summary>As <see cref="WindowPast.TryMerge"/>, for one feature.</summary>
    public bool TryMerge(int feature, Accumulator fold, in WindowSelection selection) =>
        Count == 0 || Windows[feature].TryMerge(fold, selection, Newest!.Value);

    /// <summary>Writes all of it in its one spelling.</summary>
    public void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)Count);
        if (Newest is not { } newest) return;
        writer.WriteInstant(newest);
        foreach (var window in Windows) window.Write(writer);
    }

    /// <summary>Reads into an empty past what <see cref="Write"/> wrote.</summary>
    public void Read(ref StateReader reader)
    {
        Count = (long)reader.ReadUnsigned();
        if (Count == 0) return;
        Newest = reader.ReadInstant();
        foreach (var window in Windows) window.Read(ref reader);
    }
}
