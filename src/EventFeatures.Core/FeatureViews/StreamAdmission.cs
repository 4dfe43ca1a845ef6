using EventFeatures.Core.Events;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Folds a whole stream into what counts and what does not.</summary>
internal static class StreamAdmission
{
    public static AdmittedStream Admit(CompiledView view, IEnumerable<RecordedEvent> stream)
    {
        var admission = new RowAdmission(view.Contract.AllowedLateness);
        var rows = new List<FeatureRow>();
        var refused = new List<RefusedEvent>();
        foreach (var recorded in stream)
        {
            switch (view.Read(recorded))
            {
                case RowReading.Violation violation:
                    refused.Add(new RefusedEvent(recorded, violation.Code, violation.Detail));
                    break;
                case RowReading.Row { Value: var row }:
                    Decide(admission, recorded, row, rows, refused);
                    break;
            }
        }
        rows.Sort(FeatureRow.FoldOrder);
        return new AdmittedStream(rows, refused);
    }

    private static void Decide(RowAdmission admission, RecordedEvent recorded, FeatureRow row, List<FeatureRow> rows, List<RefusedEvent> refused)
    {
        var newest = admission.Newest;
        switch (admission.Admit(row))
        {
            case Admission.Admitted:
                rows.Add(row);
                break;
            case Admission.Duplicate:
                refused.Add(new RefusedEvent(recorded, "duplicate", $"Event id {row.EventId} was used by an earlier event of stream '{row.StreamId}'."));
                break;
            case Admission.Late:
                refused.Add(new RefusedEvent(recorded, "late", $"The event occurred at {row.OccurredAt}, further behind the stream's newest at {newest} than the contract allows."));
                break;
        }
    }
}
