using System.Diagnostics;
using EventFeatures.Api.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>What clients with an open stream see when the server stops: that it stops, never that it failed.</summary>
public sealed class OpenStreamTests : IAsyncLifetime
{
    // Many enough to take longer than the server needs to hear that it is to stop.
    private const int Predictions = 1_500;

    // A stop that a stream holds up lasts until the server cuts it off, far later than one that was only slow.
    private static readonly TimeSpan CutOff = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StopMax = TimeSpan.FromMinutes(2);

    private readonly PaymentsSystem _payments = new();

    public Task InitializeAsync() => _payments.InitializeAsync(options => options with { StopMax = CutOff });

    public Task DisposeAsync() => _payments.DisposeAsync();

    [Fact]
    public async Task An_idle_stream_of_appends_ends_as_unavailable_and_holds_nothing_up()
    {
        using var call = _payments.System.Events.AppendStream();
        await call.RequestStream.WriteAsync(PaymentsSystem.Payments("idle", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z")));
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        // As a client does; one that does not listen may only hear that the connection went.
        var listening = call.ResponseStream.MoveNext(CancellationToken.None);

        await StopAsync();

        ShouldSayStopping(await Should.ThrowAsync<RpcException>(() => listening));
    }

    [Fact]
    public async Task A_stream_of_appends_in_full_work_ends_as_unavailable_and_no_event_of_it_is_told_to_have_failed()
    {
        using var call = _payments.System.Events.AppendStream();
        var writing = WriteWithoutEndAsync(call.RequestStream);
        for (var answered = 0; answered < 500; answered++) (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();

        var stopping = StopAsync();
        var ended = await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
                if (call.ResponseStream.Current.Failed is { } failed) ((StatusCode)failed.Status).ShouldBe(StatusCode.Unavailable, failed.Message);
        });

        await stopping;
        await writing;
        ShouldSayStopping(ended);
    }

    [Fact]
    public async Task A_replay_in_full_work_ends_as_unavailable()
    {
        await PredictAsync(Predictions);
        // One verdict a prediction, more than a caller that does not read is sent, so that the work is not done before the stop.
        using var call = _payments.System.Audit.Replay(new ReplayRequest { PredictionIds = { Enumerable.Range(0, Predictions).Select(number => $"p{number}") }, Record = false });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();

        var stopping = StopAsync();
        var ended = await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None)) { }
        });

        await stopping;
        ShouldSayStopping(ended);
    }

    [Fact]
    public async Task Streams_of_the_framework_end_and_hold_nothing_up()
    {
        using var watch = new Health.HealthClient(_payments.System.Channel).Watch(new HealthCheckRequest());
        (await watch.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        using var reflection = new ServerReflection.ServerReflectionClient(_payments.System.Channel).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        (await reflection.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        var listening = reflection.ResponseStream.MoveNext(CancellationToken.None);

        await StopAsync();

        ShouldSayStopping(await Should.ThrowAsync<RpcException>(() => listening));
        try
        {
            // A watch is told the last state, and then that there is no more.
            while (await watch.ResponseStream.MoveNext(CancellationToken.None)) { }
        }
        catch (RpcException ended)
        {
            ended.StatusCode.ShouldBe(StatusCode.Unavailable, ended.ToString());
        }
    }

    private async Task PredictAsync(int count)
    {
        var spine = Enumerable.Range(0, 40).Select(number => new SpineRow
        {
            Entities = { ["card"] = $"{number}" }, Time = "2026-01-02T00:00:00Z", Label = number % 3 == 0 ? 1 : 0, Context = { ["amount"] = new Value { Number = number } },
        });
        var trained = await _payments.System.Registry.TrainModelAsync(new TrainModelRequest { Model = "fraud", Spine = { spine }, Actor = "tests" });
        await _payments.System.Registry.PromoteModelAsync(new PromoteModelRequest { Model = "fraud", Version = trained.Version.Version, Actor = "tests" });
        await Parallel.ForAsync(0, count, async (number, cancellation) => await _payments.System.Inference.PredictAsync(
            new PredictRequest { PredictionId = $"p{number}", Model = "fraud", Entities = { ["card"] = $"{number}" }, Context = { ["amount"] = new Value { Number = number } } },
            cancellationToken: cancellation));
    }

    private async Task StopAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await _payments.System.Host.DisposeAsync();
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(StopMax);
    }

    private static async Task WriteWithoutEndAsync(IClientStreamWriter<AppendRequest> requests)
    {
        try
        {
            for (var i = 0; ; i++) await requests.WriteAsync(PaymentsSystem.Payments($"busy{i % 7}", PaymentsSystem.Payment($"{i}", "2026-01-01T10:00:00Z")));
        }
        catch (Exception ended) when (ended is RpcException or InvalidOperationException or IOException)
        {
            // The reader is told why.
        }
    }

    private static void ShouldSayStopping(RpcException ended)
    {
        ended.StatusCode.ShouldBe(StatusCode.Unavailable, ended.ToString());
        ended.Status.Detail.ShouldContain("The server is stopping. Call again once it has started");
        ended.Trailers.GetValue("error-code").ShouldBe("stopping");
    }
}
