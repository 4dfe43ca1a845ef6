using EventFeatures.Application.Definitions;
using EventFeatures.Application.Events;
using EventFeatures.Core.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

public sealed class ProducerQuotasTests
{
    [Fact]
    public void A_file_says_what_all_may_and_what_some_may()
    {
        var quotas = Parse("""
            default: { eventsPerSecond: 100, burst: 5s }
            producers:
              till-7: { eventsPerSecond: 2000, bytesPerSecond: 1048576 }
              /import/nightly: unlimited
            """);

        quotas.Of("anyone").ShouldBe(new ProducerQuota(100) { Burst = TimeSpan.FromSeconds(5) });
        quotas.Of("till-7").ShouldBe(new ProducerQuota(2000, 1048576));
        quotas.Of("/import/nightly").IsUnlimited.ShouldBeTrue();
    }

    [Fact]
    public void Without_a_default_those_who_are_not_named_are_not_limited() =>
        Parse("producers: { till-7: { bytesPerSecond: 10 } }").Of("anyone").IsUnlimited.ShouldBeTrue();

    [Fact]
    public void Json_is_read_as_well() =>
        ProducerQuotas.Parse(new DefinitionFile("quotas.json", """{"default": {"eventsPerSecond": 7}}""")).Default.EventsPerSecond.ShouldBe(7);

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_its_line()
    {
        var refused = Should.Throw<DefinitionInvalidException>(() => Parse("""
            default: { eventPerSecond: 100 }
            producers:
              a: { eventsPerSecond: 0 }
              b: { bytesPerSecond: much, burst: 2 days }
              c:
              d: { burst: 2h, eventsPerSecond: 1 }
            quota: {}
            """));

        refused.Issues.Select(issue => (issue.Line, issue.Code)).ShouldBe(
        [
            (1, "key-unknown"), (1, "key-missing"), (3, "range-invalid"), (4, "type-wrong"), (4, "duration-invalid"), (5, "value-invalid"), (6, "range-invalid"), (7, "key-unknown"),
        ]);
        refused.Message.ShouldContain("eventsPerSecond", customMessage: "the nearest key is named");
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a")]
    [InlineData("unlimited")]
    public void A_file_that_is_no_mapping_is_refused_as_such(string text) =>
        Should.Throw<DefinitionInvalidException>(() => Parse(text)).Issues.ShouldHaveSingleItem().Message.ShouldContain("'default'");

    [Fact]
    public void Impossible_quotas_that_were_not_read_from_a_file_are_all_named()
    {
        List<string> wrong = [];

        new ProducerQuotas(new ProducerQuota(0), new Dictionary<string, ProducerQuota> { ["a"] = new(1, -1) { Burst = TimeSpan.Zero } }).Check(wrong);

        wrong.Count.ShouldBe(3);
        wrong[0].ShouldContain("default");
        wrong[1].ShouldContain("'a'");
    }

    private static ProducerQuotas Parse(string text) => ProducerQuotas.Parse(new DefinitionFile("quotas.yaml", text));
}
