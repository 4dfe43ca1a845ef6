using System.Globalization;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.TrainingSets;

/// <summary>The folders of an export, named as Hive does, so that readers know each row's period from its path.</summary>
public static class ExportFolders
{
    /// <summary>The column that the folders are named by.</summary>
    public static string ColumnOf(ExportPeriod period) => period == ExportPeriod.Month ? "occurred_month" : "occurred_date";

    /// <summary>The folder of what occurred at an instant, in UTC.</summary>
    public static string NameOf(Instant occurredAt, ExportPeriod period) =>
        $"{ColumnOf(period)}={occurredAt.ToDateTimeOffset().UtcDateTime.ToString(period == ExportPeriod.Month ? "yyyy-MM" : "yyyy-MM-dd", CultureInfo.InvariantCulture)}";
}
