using EventFeatures.Server.Load;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Load;

public sealed class LoadLimitsTests
{
    [Fact]
    public void The_defaults_are_possible()
    {
        List<string> wrong = [];

        new LoadLimits().Check(wrong);

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Everything_impossible_is_named_at_once()
    {
        List<string> wrong = [];

        new LoadLimits
        {
            WorkMax = 1, WorkBytesMax = 1, BackgroundMax = 0, WaitingMax = -1, WaitingBytesMax = 0, WaitMax = TimeSpan.FromHours(1), StreamWaitMax = -TimeSpan.FromSeconds(1),
            OpenCallsMax = 0, AppendStreamsMax = 0, ReceivingBytesMax = 0, ConnectionsMax = 0,
        }.Check(wrong);

        wrong.Count.ShouldBe(11);
        wrong[0].ShouldBe("Load.WorkMax is 1; it must be 8 to 100000");
    }
}
