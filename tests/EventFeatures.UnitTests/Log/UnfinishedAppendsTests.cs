using EventFeatures.Log.EmbeddedNode.Writing;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

/// <summary>What becomes of appends that were begun when storage failed.</summary>
public sealed class UnfinishedAppendsTests
{
    private static readonly PostgresException OfContent = new("value out of range", "ERROR", "ERROR", PostgresErrorCodes.NumericValueOutOfRange);
    private static readonly PostgresException OfStorage = new("the disk is full", "ERROR", "ERROR", PostgresErrorCodes.DiskFull);

    private readonly UnfinishedAppends _unfinished = new();

    [Fact]
    public void They_are_tried_again_in_their_old_order_before_those_that_were_left()
    {
        var (first, second, third) = (new Append("a"), new Append("b"), new Append("c"));
        _unfinished.Return([second, third]);
        _unfinished.Return([first]);

        Rest().ShouldBe([first, second, third]);
    }

    [Fact]
    public void After_a_failure_of_storage_all_are_tried_together()
    {
        var append = new Append("a");
        Fail(OfStorage, inLookUp: false, append);

        append.Outcome.ShouldBeNull();
        _unfinished.NextIsApart.ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_several_whose_content_is_refused_each_is_tried_alone_and_what_comes_later_is_not(bool inLookUp)
    {
        _unfinished.Return([new Append("left")]);
        Fail(OfContent, inLookUp, new Append("a"), new Append("b"));

        for (var each = 0; each < 3; each++)
        {
            _unfinished.NextIsApart.ShouldBeTrue();
            _unfinished.TryTake(out _).ShouldBeTrue();
        }
        _unfinished.Return([new Append("later")]);
        _unfinished.NextIsApart.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false, false, "Refused")]
    [InlineData(false, true, "Refused")]
    [InlineData(true, false, "Refused")]
    [InlineData(true, true, "Unavailable")]
    public void One_that_is_refused_alone_is_answered_unless_an_earlier_commit_of_it_may_have_landed(bool inLookUp, bool inDoubt, string end)
    {
        var (append, other) = (new Append("a") { InDoubt = inDoubt }, new Append("b"));
        _unfinished.Return([other]);
        Fail(OfContent, inLookUp, append);

        append.Outcome!.Value.End.ShouldBe(Enum.Parse<AppendEnd>(end));
        append.Outcome.Value.Reason!.ShouldContain("value out of range");
        Rest().ShouldBe([other]);
    }

    [Fact]
    public void Those_past_their_deadline_are_answered_wherever_they_stand_and_the_others_keep_their_order()
    {
        var (first, late, doubtful, last) = (new Append("a", 10), new Append("b", 3), new Append("c", 3) { InDoubt = true }, new Append("d", 10));
        Fail(OfContent, inLookUp: true, first, late, doubtful, last);

        _unfinished.Expire(timestamp: 5);

        (late.Outcome!.Value.End, doubtful.Outcome!.Value.End).ShouldBe((AppendEnd.TimedOut, AppendEnd.Unavailable));
        doubtful.Outcome.Value.Reason!.ShouldContain("outcome is unknown");
        Rest().ShouldBe([first, last]);
        _unfinished.Return([new Append("later")]);
        _unfinished.NextIsApart.ShouldBeFalse("those that were to be tried alone are gone");
    }

    [Fact]
    public void While_storage_is_away_what_is_in_doubt_is_kept_until_its_deadline_and_nothing_once_all_ends()
    {
        var (certain, doubtful, late) = (new Append("a", 10), new Append("b", 10) { InDoubt = true }, new Append("c", 3) { InDoubt = true });
        _unfinished.Return([certain, doubtful, late]);

        _unfinished.Refuse("away", inDoubtToo: false, timestamp: 5);

        (certain.Outcome!.Value.End, late.Outcome!.Value.End, doubtful.Outcome).ShouldBe((AppendEnd.Unavailable, AppendEnd.Unavailable, null));
        _unfinished.Refuse("stopping", inDoubtToo: true, timestamp: 5);
        doubtful.Outcome!.Value.Reason.ShouldBe("stopping");
        _unfinished.Count.ShouldBe(0);
    }

    private void Fail(PostgresException by, bool inLookUp, params Append[] appends)
    {
        var batch = new CommitBatch();
        foreach (var append in appends) batch.Add(append);
        _unfinished.Return(appends);
        _unfinished.Note(new UnfinishedAppends.Failure(batch, by, inLookUp));
    }

    private List<AppendRequest> Rest()
    {
        List<AppendRequest> rest = [];
        while (_unfinished.TryTake(out var request)) rest.Add(request);
        return rest;
    }

    private sealed class Append(string stream, long deadline = long.MaxValue) : AppendRequest(stream, -2, [], [], [], deadline)
    {
        public new AppendOutcome? Outcome { get; private set; }

        public override void Complete(AppendOutcome outcome) => Outcome = Outcome is null ? outcome : throw new InvalidOperationException("It was answered before.");
    }
}
