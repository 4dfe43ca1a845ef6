using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol.Streaming;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class EventMatcherTests
{
    [Fact]
    public void An_expression_is_matched_no_further_once_nobody_waits_any_more()
    {
        var matcher = EventMatcher.From(new ReadReq.Types.Options.Types.FilterOptions { EventType = new() { Regex = "^Test" } });
        var stored = new StoredEvent("card-1", "Tested", Guid.NewGuid(), true, default, default);
        using var ended = new CancellationTokenSource();
        matcher.Matches(stored, ended.Token).ShouldBeTrue();

        ended.Cancel();

        Should.Throw<OperationCanceledException>(() => matcher.Matches(stored, ended.Token));
    }
}
