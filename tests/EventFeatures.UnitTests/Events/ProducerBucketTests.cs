using EventFeatures.Application.Events;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

public sealed class ProducerBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_passes_at_once_and_then_the_rate()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 10));

        for (var i = 0; i < 10; i++) Take(buckets, "till").ShouldBe(TimeSpan.Zero);
        Refused(buckets, "till").RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(100));
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Refused(buckets, "till").RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Take(buckets, "till").ShouldBe(TimeSpan.Zero);
        Refused(buckets, "till");
    }

    [Fact]
    public void Over_a_long_time_a_producer_gets_its_burst_and_its_rate_and_not_an_event_more()
    {
        // A rate that no tick divides evenly: nothing is lost or won by rounding.
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 7) { Burst = TimeSpan.FromSeconds(3) });
        var taken = 0;

        for (var step = 0; step < 10_000; step++)
        {
            while (Try(buckets, "till")) taken++;
            _time.Advance(TimeSpan.FromMilliseconds(13));
        }

        taken.ShouldBe((3 * 7) + (int)(9_999 * 0.013 * 7));
    }

    [Fact]
    public void An_append_larger_than_the_burst_passes_when_the_bucket_is_full_and_is_paid_for_afterwards()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 10));

        Take(buckets, "till", events: 50).ShouldBe(TimeSpan.Zero);

        Refused(buckets, "till").RetryAfter.ShouldBe(TimeSpan.FromSeconds(4.1));
        Refused(buckets, "till", events: 50).RetryAfter.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_limit_that_makes_a_producer_wait_longer_counts()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 10, BytesPerSecond: 1000));

        Take(buckets, "till", events: 1, bytes: 1000).ShouldBe(TimeSpan.Zero);

        var refused = Refused(buckets, "till", events: 1, bytes: 500);
        refused.RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(500));
        refused.Message.ShouldContain("1000 bytes a second");
        Take(buckets, "till", events: 9, bytes: 0).ShouldBe(TimeSpan.Zero, "what was refused took nothing of the other limit");
    }

    [Fact]
    public void A_caller_that_can_wait_is_given_its_turn_behind_those_before_it()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 10));
        var patience = TimeSpan.FromMilliseconds(250);
        Take(buckets, "till", events: 10);

        Take(buckets, "till", waitMax: patience).ShouldBe(TimeSpan.FromMilliseconds(100));
        Take(buckets, "till", waitMax: patience).ShouldBe(TimeSpan.FromMilliseconds(200));
        Refused(buckets, "till", waitMax: patience).RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public void Producers_have_a_quota_each_and_a_named_one_its_own()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 1), ("large", new ProducerQuota(EventsPerSecond: 100)), ("free", ProducerQuota.Unlimited));

        Try(buckets, "a").ShouldBeTrue();
        Try(buckets, "a").ShouldBeFalse();
        Try(buckets, "b").ShouldBeTrue();
        Enumerable.Range(0, 200).Count(_ => Try(buckets, "large")).ShouldBe(100);
        Enumerable.Range(0, 200).Count(_ => Try(buckets, "free")).ShouldBe(200);
    }

    [Fact]
    public void An_append_of_several_producers_takes_from_all_or_from_none()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 5));
        Take(buckets, "b", events: 5);

        Should.Throw<QuotaExceededException>(() => buckets.Take([new("a", 5, 0), new("b", 1, 0)], TimeSpan.Zero)).Producer.ShouldBe("b");
        buckets.Take([new("a", 5, 0), new("c", 5, 0)], TimeSpan.Zero).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void What_an_append_took_that_did_not_come_about_is_given_back_and_no_more()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 5));
        Take(buckets, "a", events: 5);

        buckets.GiveBack([new("a", 5, 0)]);
        buckets.GiveBack([new("a", 5, 0)]);

        Enumerable.Range(0, 10).Count(_ => Try(buckets, "a")).ShouldBe(5);
    }

    [Fact]
    public void However_many_producers_come_no_more_than_the_bound_are_remembered_and_the_rest_share_one_quota()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 10));
        for (var i = 0; i < ProducerBuckets.ToldApartMax; i++) Take(buckets, $"producer-{i}", events: 10);

        Enumerable.Range(0, 1000).Count(i => Try(buckets, $"late-{i}")).ShouldBe(10);

        buckets.Remembered.ShouldBe(ProducerBuckets.ToldApartMax);
        Try(buckets, "producer-0").ShouldBeFalse("who is remembered keeps its own");
    }

    [Fact]
    public void A_producer_that_was_quiet_for_its_burst_makes_room_for_another()
    {
        var buckets = Buckets(new ProducerQuota(EventsPerSecond: 10));
        for (var i = 0; i < ProducerBuckets.ToldApartMax; i++) Take(buckets, $"producer-{i}", events: 10);
        _time.Advance(TimeSpan.FromSeconds(1));

        Enumerable.Range(0, 1000).Count(i => Try(buckets, $"late-{i}", events: 10)).ShouldBe(1000);

        buckets.Remembered.ShouldBe(ProducerBuckets.ToldApartMax);
    }

    private ProducerBuckets Buckets(ProducerQuota quota, params (string Producer, ProducerQuota Quota)[] named) =>
        new(new ProducerQuotas(quota, named.ToDictionary(one => one.Producer, one => one.Quota)), _time);

    private static TimeSpan Take(ProducerBuckets buckets, string producer, long events = 1, long bytes = 0, TimeSpan waitMax = default) =>
        buckets.Take([new ProducerUse(producer, events, bytes)], waitMax);

    private static bool Try(ProducerBuckets buckets, string producer, long events = 1)
    {
        try
        {
            Take(buckets, producer, events);
            return true;
        }
        catch (QuotaExceededException)
        {
            return false;
        }
    }

    private static QuotaExceededException Refused(ProducerBuckets buckets, string producer, long events = 1, long bytes = 0, TimeSpan waitMax = default) =>
        Should.Throw<QuotaExceededException>(() => Take(buckets, producer, events, bytes, waitMax));
}
