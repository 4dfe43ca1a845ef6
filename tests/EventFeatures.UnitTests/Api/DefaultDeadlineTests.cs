using EventFeatures.Server.Errors;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

/// <summary>A call has the same time whether it is made over gRPC or over HTTP.</summary>
public sealed class DefaultDeadlineTests
{
    [Theory]
    [InlineData("/eventfeatures.v1.Audit/Lineage", "/v1/predictions/7d0c/lineage")]
    [InlineData("/eventfeatures.v1.Audit/EventLineage", "/v1/events/7d0c/lineage")]
    [InlineData("/eventfeatures.v1.Audit/ValueLineage", "/v1/lineage/values")]
    [InlineData("/eventfeatures.v1.Audit/Replay", "/v1/audit/replay")]
    [InlineData("/eventfeatures.v1.Quarantine/ListQuarantine", "/v1/quarantine")]
    [InlineData("/eventfeatures.v1.Quarantine/GetQuarantined", "/v1/quarantine/7d0c")]
    [InlineData("/eventfeatures.v1.Quarantine/Redrive", "/v1/quarantine:redrive")]
    [InlineData("/eventfeatures.v1.Quarantine/Discard", "/v1/quarantine:discard")]
    [InlineData("/eventfeatures.v1.Features/Subscribe", "/v1/features:subscribe")]
    [InlineData("/eventfeatures.v1.Features/GetFeatures", "/v1/features")]
    public void Both_ways_end_at_the_same_time(string grpc, string http) => DefaultDeadline.Of(http).ShouldBe(DefaultDeadline.Of(grpc));

    [Theory]
    [InlineData("/v1/events/7d0c/lineage")]
    [InlineData("/eventfeatures.v1.Audit/Lineage")]
    [InlineData("/v1/quarantine")]
    public void Work_that_grows_with_the_log_has_hours(string path) => DefaultDeadline.Of(path).ShouldBe(TimeSpan.FromHours(6));
}
