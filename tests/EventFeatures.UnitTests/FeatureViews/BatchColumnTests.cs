using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Batch;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Run while no other test does, since the local zone is the whole process's.</summary>
[Collection(nameof(LocalZone))]
public sealed class BatchColumnTests : IDisposable
{
    private const string Variable = "TZ";

    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    [Theory]
    [InlineData("Asia/Tokyo")]
    [InlineData("America/New_York")]
    public void The_first_instant_which_is_stored_as_minus_infinity_is_read_back_in_every_local_zone(string zone)
    {
        Live(zone);
        TimeZoneInfo.Local.BaseUtcOffset.ShouldNotBe(TimeSpan.Zero, "the machine needs the database of time zones (tzdata)");

        // So Npgsql gives an infinity: without its kind.
        BatchColumn.InstantOf(DateTime.MinValue).ShouldBe(Instant.MinValue);
    }

    public void Dispose() => Live(_before);

    private static void Live(string? zone)
    {
        Environment.SetEnvironmentVariable(Variable, zone);
        TimeZoneInfo.ClearCachedData();
    }
}

/// <summary>Tests that set the process's local zone.</summary>
[CollectionDefinition(nameof(LocalZone), DisableParallelization = true)]
public sealed class LocalZone;
