using System.Reflection;
using EventFeatures.Core.Events;
using EventFeatures.IntegrationTests.Log;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Faults.Fuzz;
using EventFeatures.Testing.Faults.Rig;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>Whatever bytes come to whichever method: the answer is a status, no exception slips through, nothing hangs.</summary>
public sealed class FuzzTests(ITestOutputHelper output) : NodeTestBase
{
    private const int RoundsDefault = 80;
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);

    // Where any status will do, so that a body that is a valid subscription soon has one.
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(400);

    private readonly LoggedErrors _errors = new();

    /// <summary>Every method of the protocol, be it served or not.</summary>
    public static TheoryData<string> Services => [.. AllServices().Select(service => service.FullName)];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Every_method_answers_anything_with_a_status(string name)
    {
        var seed = Number("EVENTFEATURES_TEST_SEED") ?? Environment.TickCount & 0xFFFFFF;
        var rounds = Number("EVENTFEATURES_TEST_FUZZ") ?? RoundsDefault;
        output.WriteLine($"seed {seed}; repeat with EVENTFEATURES_TEST_SEED={seed}, or do more than {rounds} rounds with EVENTFEATURES_TEST_FUZZ");
        await using var node = await EmbeddedNode.StartAsync(Options with { LoggerFactory = _errors }, Late);
        using var calls = new RawCalls(node.Port);
        var bodies = new HostileBodies(seed);
        foreach (var method in AllServices().Single(service => service.FullName == name).Methods)
        {
            var statuses = new int[rounds];
            var drawn = Enumerable.Range(0, rounds).Select(_ => bodies.Next(method.InputType)).ToArray();
            await Parallel.ForAsync(0, rounds, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (round, _) =>
            {
                try
                {
                    statuses[round] = await calls.StatusAsync($"/{name}/{method.Name}", drawn[round].Body, Soon, Hang);
                }
                catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException or IOException)
                {
                    throw new InvalidOperationException($"{method.Name}, {drawn[round].Kind}, round {round} of seed {seed}: {Convert.ToHexString(drawn[round].Body.AsSpan(0, Math.Min(200, drawn[round].Body.Length)))}", broken);
                }
            });
            output.WriteLine($"{method.Name}: {string.Join(", ", statuses.CountBy(status => (StatusCode)status).OrderBy(count => count.Key))}");
        }
        await ServesAsync(node);
        _errors.All.ShouldBeEmpty($"seed {seed}");
    }

    [Theory]
    [InlineData(1024 * 1024, true)]
    [InlineData(1024 * 1024 + 1, false)]
    [InlineData(0, true)]
    public async Task An_append_of_one_mebibyte_is_taken_and_of_one_byte_more_is_not(int bytes, bool taken)
    {
        await using var node = await EmbeddedNode.StartAsync(Options with { LoggerFactory = _errors }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        // Two bytes are counted for each character of the type.
        var data = new EventData(Guid.NewGuid(), "T", new byte[Math.Max(0, bytes - 2)]);

        if (taken) (await log.AppendToStreamAsync("large-1", StreamState.NoStream, [data], Late)).NextExpectedRevision.ShouldBe(0);
        else (await Should.ThrowAsync<ArgumentException>(() => log.AppendToStreamAsync("large-1", StreamState.NoStream, [data], Late))).Message.ShouldContain("1048576");

        _errors.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_past_the_limit_of_messages_is_refused_and_the_next_call_is_served()
    {
        await using var node = await EmbeddedNode.StartAsync(Options with { LoggerFactory = _errors }, Late);
        using var calls = new RawCalls(node.Port);
        var huge = new BatchAppendReq { CorrelationId = Uuids.Structured(Guid.NewGuid()), IsFinal = true };
        huge.ProposedMessages.Add(new BatchAppendReq.Types.ProposedMessage { Data = ByteString.CopyFrom(new byte[17 * 1024 * 1024]) });

        var status = await calls.StatusAsync("/event_store.client.streams.Streams/BatchAppend", HostileBodies.Frame(huge.ToByteArray()), Hang, Hang);

        ((StatusCode)status).ShouldBe(StatusCode.ResourceExhausted);
        await ServesAsync(node);
    }

    [Fact]
    public async Task A_stream_of_batches_ends_with_a_status_also_while_an_earlier_answer_is_on_its_way()
    {
        await using var node = await EmbeddedNode.StartAsync(Options with { LoggerFactory = _errors }, Late);
        using var calls = new RawCalls(node.Port);
        var refused = new BatchAppendReq { CorrelationId = Uuids.Structured(Guid.NewGuid()), Options = new(), IsFinal = true };
        var unreadable = new BatchAppendReq { IsFinal = true };
        byte[] body = [.. HostileBodies.Frame(refused.ToByteArray()), .. HostileBodies.Frame(unreadable.ToByteArray())];

        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
            ((StatusCode)await calls.StatusAsync("/event_store.client.streams.Streams/BatchAppend", body, Hang, Hang)).ShouldBe(StatusCode.InvalidArgument));
    }

    private async Task ServesAsync(EmbeddedNode node)
    {
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        (await log.AppendToStreamAsync($"after-{Guid.NewGuid()}", StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(0);
    }

    private static IEnumerable<ServiceDescriptor> AllServices() =>
        from type in typeof(EmbeddedNode).Assembly.GetTypes()
        where type.Namespace?.StartsWith("EventFeatures.Log.Protocol", StringComparison.Ordinal) == true && type is { IsAbstract: true, IsSealed: true }
        let descriptor = type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)
        where descriptor?.PropertyType == typeof(ServiceDescriptor)
        select (ServiceDescriptor)descriptor.GetValue(null)!;

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : null;
}
