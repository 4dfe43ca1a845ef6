using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices.Subscriptions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Server.Api;
using EventFeatures.Testing.Specs;
using Grpc.Core;
using MediatR;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Api;

public sealed class FeatureSubscriptionsTests
{
    [Fact]
    public async Task A_subscriber_who_takes_nothing_is_ended_and_told_where_to_go_on()
    {
        var (clock, updates) = (new FakeTimeProvider(), new Updates());
        var subscriptions = new FeatureSubscriptions(updates, new SubscriptionOptions { SendMax = TimeSpan.FromSeconds(30) }, clock);
        var subscriber = new Subscriber(takes: 1);
        var running = subscriptions.RunAsync(new SubscribeRequest { Service = "ready" }, subscriber, CancellationToken.None);
        await subscriber.Stuck.WaitAsync(TimeSpan.FromSeconds(20));

        // Its wait may begin a moment after it got stuck.
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(running.IsCompleted);
            }, TimeSpan.FromSeconds(20), () => "It still waits.");

        var ended = await Should.ThrowAsync<RefusedException>(() => running);
        ended.Code.ShouldBe("subscriber-too-slow");
        ended.NextStep.ShouldContain("after position 1,");
        updates.AreDisposed.ShouldBeTrue("whatever feeds it has to end with it");
    }

    /// <summary>Reads a few messages and then nothing.</summary>
    private sealed class Subscriber(int takes) : IServerStreamWriter<SubscribeResponse>
    {
        private readonly TaskCompletionSource _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _never = new();
        private int _left = takes;

        public Task Stuck => _stuck.Task;

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(SubscribeResponse message)
        {
            if (_left-- > 0) return Task.CompletedTask;
            _stuck.TrySetResult();
            return _never.Task;
        }

        public Task WriteAsync(SubscribeResponse message, CancellationToken cancellationToken) => WriteAsync(message);
    }

    /// <summary>Heartbeats without end.</summary>
    private sealed class Updates : IMediator
    {
        public bool AreDisposed { get; private set; }

        public Task<TResponse> Send<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default) => Task.FromResult((TResponse)All());

        public Task Publish(object notification, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task Publish<TNotification>(TNotification notification, CancellationToken cancellationToken = default)
            where TNotification : INotification => throw new NotSupportedException();

        private async IAsyncEnumerable<ServiceUpdate> All()
        {
            try
            {
                for (var position = 1ul; ; position++)
                {
                    await Task.Yield();
                    yield return new ServiceUpdate(new Position(position), null);
                }
            }
            finally
            {
                AreDisposed = true;
            }
        }
    }
}
