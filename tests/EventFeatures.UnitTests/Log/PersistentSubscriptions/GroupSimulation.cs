using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace EventFeatures.UnitTests.Log.PersistentSubscriptions;

/// <summary>
/// A group, what is durable of it, and consumers that answer as they like; steps are chosen by numbers. What is
/// durable outlives a restart, and nothing else does.
/// </summary>
internal sealed class GroupSimulation
{
    private const int Events = 25;
    private readonly GroupSettings _settings;
    private readonly FakeTimeProvider _clock = new();
    private readonly Guid[] _ids = [.. Enumerable.Range(0, Events).Select(_ => Guid.NewGuid())];
    private readonly List<FakeConsumer> _consumers = [];

    // Durable: the checkpoint, the parked stream (of each entry, which event it links to), and where it is cut off.
    private long _checkpoint = -1;
    private readonly List<(long Event, Guid Id)> _parked = [];
    private readonly HashSet<(bool IsReplay, long Sequence)> _parkedBy = [];
    private long _cut;
    private long _replayEnd;
    private Group _group;

    // What consumers said, and about which event.
    private readonly HashSet<long> _acknowledged = [];

    public GroupSimulation(GroupSettings settings)
    {
        _settings = settings;
        _group = NewGroup();
    }

    public void Step(int kind, int choice)
    {
        switch (kind)
        {
            case 0: Connect(1 + choice % 4); break;
            case 1: if (Choose(_consumers, choice) is { } gone) Disconnect(gone); break;
            case 2 or 3: Read(1 + choice % 5); break;
            case 4 or 5: WithMessage(choice, message => Acknowledge(message)); break;
            case 6: WithMessage(choice, message => _group.Refuse(message.Id, park: false, "again")); break;
            case 7: WithMessage(choice, message => _group.Refuse(message.Id, park: true, "poison")); break;
            case 8: _clock.Advance(TimeSpan.FromSeconds(choice % 40)); _group.Tick(); break;
            case 9: Park(succeeds: choice % 3 != 0); break;
            case 10: Store(); break;
            case 11: Replay(choice); break;
            case 12: if (choice % 4 == 0) Restart(); break;
            default: _group.Acknowledge(Guid.NewGuid()); break;
        }
        Check();
    }

    /// <summary>Lets a reliable consumer handle all that is left, across the parked stream too.</summary>
    public void RunToItsEnd()
    {
        foreach (var consumer in _consumers.ToList()) Disconnect(consumer);
        Connect(50);
        for (var round = 0; round < 200; round++)
        {
            Read(10);
            Replay(choice: -1);
            foreach (var message in Held().ToList()) Acknowledge(message);
            Park(succeeds: true);
            Store();
            Check();
        }
        _acknowledged.Count.ShouldBe(Events, "each event was acknowledged, after its parked message was replayed where it had one");
        (_group.Source.Handled, _group.Outstanding).ShouldBe((Events - 1, 0));
        _cut.ShouldBe(_parked.Count);
    }

    // The heart of it: all that a restart would not bring back was acknowledged, or is parked where a replay finds it.
    private void Check()
    {
        for (long place = 0; place <= Math.Max(_checkpoint, _group.Source.Handled); place++) IsSettled(place).ShouldBeTrue($"event {place} is passed but not handled");
        foreach (var consumer in _consumers) consumer.InFlight.ShouldBeLessThanOrEqualTo(consumer.BufferSize);
        _group.Waiting.ShouldBeLessThanOrEqualTo(_settings.BufferMax + _consumers.Sum(consumer => consumer.BufferSize) + 16);
    }

    private bool IsSettled(long place) =>
        _acknowledged.Contains(place) || _parked.Skip((int)_cut).Any(entry => entry.Event == place);

    private Group NewGroup() => new(_settings, new Progress(_checkpoint), new Progress(_cut - 1), _clock);

    private void Connect(int bufferSize)
    {
        var consumer = new FakeConsumer(bufferSize, (ulong)_consumers.Count * 7919 + 1);
        if (_group.Connect(consumer)) _consumers.Add(consumer);
    }

    private void Disconnect(FakeConsumer consumer)
    {
        _consumers.Remove(consumer);
        _group.Disconnect(consumer);
    }

    private void Read(int count)
    {
        var first = _group.Source.Read + 1;
        count = (int)Math.Min(Math.Min(count, _group.Room), Events - first);
        if (count > 0) _group.Offer([.. Enumerable.Range((int)first, count).Select(place => GroupBench.Message(place, $"card-{place % 5}", _ids[place]))]);
    }

    private void Replay(int choice)
    {
        _replayEnd = Math.Max(_replayEnd, choice < 0 ? _parked.Count : Math.Min(choice, _parked.Count));
        var first = _group.Parked.Read + 1;
        var count = (int)Math.Min(_group.Room, _replayEnd - first);
        if (count > 0) _group.Offer([.. Enumerable.Range((int)first, count).Select(place => GroupBench.Message(place, "parked", _parked[place].Id, isReplay: true))]);
    }

    // As the parked stream's ids make it: parking the same message twice, after a restart, adds it once.
    private void Park(bool succeeds)
    {
        while (_group.ToPark.TryDequeue(out var request))
        {
            if (!succeeds)
            {
                _group.GiveUpParking(request.Message);
                continue;
            }
            if (_parkedBy.Add((request.Message.IsReplay, request.Message.Sequence))) _parked.Add((EventOf(request.Message), Guid.NewGuid()));
            _group.FinishParking(request.Message);
        }
    }

    private void Store()
    {
        if (_group.IsCheckpointDue(_group.Source)) _group.Store(_group.Source, _checkpoint = _group.Source.Handled, _group.Source.HandledCount);
        if (!_group.IsCheckpointDue(_group.Parked)) return;
        _cut = _group.Parked.Handled + 1;
        _group.Store(_group.Parked, _group.Parked.Handled, _group.Parked.HandledCount);
    }

    private void Restart()
    {
        _consumers.Clear();
        _replayEnd = _cut;
        _group = NewGroup();
    }

    private void Acknowledge(Message message)
    {
        _acknowledged.Add(EventOf(message));
        _group.Acknowledge(message.Id);
    }

    private long EventOf(Message message) => message.IsReplay ? _parked[(int)message.Sequence].Event : message.Sequence;

    private IEnumerable<Message> Held() =>
        _consumers.SelectMany(consumer => consumer.Received.Select(delivery => delivery.Message).Where(message => ReferenceEquals(message.Holder, consumer)));

    private void WithMessage(int choice, Action<Message> action)
    {
        if (Choose(Held().Distinct().ToList(), choice) is { } message) action(message);
    }

    private static T? Choose<T>(List<T> all, int choice) where T : class => all.Count == 0 ? null : all[choice % all.Count];
}
