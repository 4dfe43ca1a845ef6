using EventFeatures.Core.Events;
using EventFeatures.Testing.Faults;
using EventFeatures.Testing.Faults.Checks;
using EventFeatures.Testing.Faults.Load;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Faults;

/// <summary>A fault test is worth what its check sees: here the check is shown logs that broke each promise.</summary>
public sealed class LogCheckTests
{
    private readonly Attempt _first = Acknowledged("card-1", StreamState.NoStream, 1, position: 2, 1, 2);
    private readonly Attempt _second = Acknowledged("card-1", StreamState.StreamRevision(1), 2, position: 3, 3);
    private readonly Attempt _doubtful = new("card-2", StreamState.Any, [Id(4), Id(5)]);
    private readonly Attempt _refused = Refused("card-1", 6);

    private readonly List<SeenEvent> _log = [Seen(1, "card-1", 0, 1), Seen(2, "card-1", 1, 2), Seen(3, "card-1", 2, 3), Seen(4, "card-2", 0, 4), Seen(5, "card-2", 1, 5)];

    [Fact]
    public void A_log_that_kept_its_promises_has_nothing_wrong() => Check().ShouldBeEmpty();

    [Fact]
    public void An_append_in_doubt_may_also_not_have_happened()
    {
        _log.RemoveRange(3, 2);
        Check().ShouldBeEmpty();
    }

    [Fact]
    public void An_acknowledged_event_that_is_missing_is_lost()
    {
        _log.RemoveRange(2, 3);
        Check().ShouldHaveSingleItem().ShouldStartWith("LOST");
    }

    [Fact]
    public void An_event_that_is_there_twice_is_found()
    {
        _log.Add(Seen(6, "card-1", 3, 3));
        Check().ShouldContain(wrong => wrong.Contains("2 times"));
    }

    [Fact]
    public void Half_of_an_append_in_doubt_is_found()
    {
        _log.RemoveAt(4);
        Check().ShouldHaveSingleItem().ShouldContain("neither all nor none");
    }

    [Fact]
    public void An_event_of_a_refused_append_is_found()
    {
        _log.Add(Seen(6, "card-1", 3, 6));
        Check().ShouldHaveSingleItem().ShouldContain("was refused");
    }

    [Fact]
    public void Events_in_another_order_are_found()
    {
        (_log[0], _log[1]) = (Seen(1, "card-1", 0, 2), Seen(2, "card-1", 1, 1));
        Check().ShouldNotBeEmpty();
    }

    [Fact]
    public void Changed_bytes_are_found()
    {
        _log[1] = _log[1] with { Intact = false };
        Check().ShouldHaveSingleItem().ShouldContain("other bytes");
    }

    [Fact]
    public void A_gap_of_positions_and_one_of_revisions_are_found()
    {
        _log[3] = _log[3] with { Position = 5, Revision = 1 };
        _log[4] = _log[4] with { Position = 6, Revision = 2 };
        var wrong = Check();
        wrong.ShouldContain(each => each.Contains("dense"));
        wrong.ShouldContain(each => each.Contains("comes next"));
    }

    [Fact]
    public void An_event_that_nobody_appended_is_found()
    {
        _log.Add(Seen(6, "card-9", 0, 9));
        Check().ShouldHaveSingleItem().ShouldContain("never appended");
    }

    [Theory]
    [InlineData("1 2 3", true)]
    [InlineData("1 3", false)]
    [InlineData("1 2", false)]
    [InlineData("1 2 2 3", false)]
    [InlineData("1 3 2", false)]
    public void A_subscriber_is_given_everything_once_and_in_order(string delivered, bool right) =>
        LogCheck.Delivered("steady", [.. delivered.Split(' ').Select(ulong.Parse)], [1UL, 2UL, 3UL]).Count.ShouldBe(right ? 0 : 1);

    [Fact]
    public void The_same_seed_draws_the_same_faults()
    {
        FaultSchedule.Draw(7, smallDisk: false).Take(200).ShouldBe(FaultSchedule.Draw(7, smallDisk: false).Take(200));
        FaultSchedule.Draw(8, smallDisk: false).Take(200).ShouldNotBe(FaultSchedule.Draw(7, smallDisk: false).Take(200));
    }

    private IReadOnlyList<string> Check() => LogCheck.Run(_log, [_first, _second, _doubtful, _refused]);

    private static SeenEvent Seen(ulong position, string stream, long revision, int id) => new(position, stream, revision, Id(id), Intact: true);

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private static Attempt Acknowledged(string stream, StreamState expected, long revision, ulong position, params int[] ids)
    {
        var attempt = new Attempt(stream, expected, [.. ids.Select(Id)]);
        attempt.Acknowledge(new AppendResult(revision, new Position(position)));
        return attempt;
    }

    private static Attempt Refused(string stream, int id)
    {
        var attempt = new Attempt(stream, StreamState.StreamRevision(0), [Id(id)]);
        attempt.Refuse();
        return attempt;
    }
}
