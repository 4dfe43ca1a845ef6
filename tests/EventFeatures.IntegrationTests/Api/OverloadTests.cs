using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using EventFeatures.Api.V1;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Load;
using EventFeatures.Testing.Specs;
using EventFeatures.Testing.Systems;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>More than the server takes on: what is less important is refused first, what is acknowledged is kept, and nothing grows.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class OverloadTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;
    private const int BulkCallers = 96;
    private const int WritingCallers = 4;
    private const int Predictions = 60;

    private static readonly LoadLimits Limits = new()
    {
        WorkMax = 16, BackgroundMax = 1, WaitingMax = 16, WaitMax = TimeSpan.FromMilliseconds(200), ReceivingBytesMax = 16 * MiB, OpenCallsMax = 400, AppendStreamsMax = 3,
        WaitingBytesMax = MiB, StreamWaitMax = TimeSpan.FromMilliseconds(200),
    };

    private readonly PaymentsSystem _payments = new();

    private RunningSystem System => _payments.System;

    public Task InitializeAsync() => _payments.InitializeAsync(options => options with { Load = Limits });

    public Task DisposeAsync() => _payments.DisposeAsync();

    [Fact]
    public async Task Predictions_and_outcomes_get_through_while_imports_are_refused_and_what_was_acknowledged_is_in_the_log()
    {
        await PromoteAsync();
        using var done = new CancellationTokenSource();
        var bulk = new Callers(System.Events, AppendPriority.Bulk);
        var writing = new Callers(System.Events, AppendPriority.Normal);
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var load = Task.WhenAll([bulk.RunAsync(BulkCallers, done.Token), writing.RunAsync(WritingCallers, done.Token)]);
        var (inWork, waiting) = (0L, 0L);

        for (var i = 0; i < Predictions; i++)
        {
            var prediction = await System.Inference.PredictAsync(new PredictRequest { PredictionId = $"p{i}", Model = "fraud", Entities = { ["card"] = "1" }, Context = { ["amount"] = new Value { Number = i } } });
            await System.Inference.RecordOutcomeAsync(new RecordOutcomeRequest { PredictionId = prediction.PredictionId, Label = i % 2 });
            inWork = Math.Max(inWork, Enum.GetValues<CallPriority>().Sum(Part<Admission>().InWork));
            waiting = Math.Max(waiting, Enum.GetValues<CallPriority>().Sum(Part<Admission>().Waiting));
        }

        await done.CancelAsync();
        await load;
        // What calls held may be let go of after their answers; what is kept is above the bound however often it is measured.
        var grown = 0L;
        await Eventually.TrueAsync(
            () => Task.FromResult((grown = GC.GetTotalMemory(forceFullCollection: true) - memory) < 48 * MiB),
            TimeSpan.FromSeconds(30), () => $"{grown / MiB} MiB more in the process.");
        output.WriteLine($"bulk {bulk}; writing {writing}; at most {inWork} in work and {waiting} waiting; {grown / 1024} KiB more in the process");
        bulk.Refused.ShouldBeGreaterThan(0);
        bulk.Unexpected.ShouldBeEmpty();
        writing.Unexpected.ShouldBeEmpty();
        // Imports have eight of the sixteen places at most, and appends twelve with them: four are left for four callers.
        writing.Refused.ShouldBe(0);
        bulk.Delays.ShouldAllBe(delay => delay >= TimeSpan.FromMilliseconds(500) && delay <= TimeSpan.FromSeconds(10));
        inWork.ShouldBeLessThanOrEqualTo(Limits.WorkMax);
        waiting.ShouldBeLessThanOrEqualTo(Limits.WaitingMax);
        await AllInTheLogAsync([.. bulk.Acknowledged, .. writing.Acknowledged]);
    }

    [Fact]
    public async Task Bytes_of_messages_that_never_get_whole_are_bounded_and_calls_beyond_are_ended_with_a_time_to_come_back()
    {
        // Each has a mebibyte and more of a message of three on its way, and sends no more of it.
        const int calls = 40;
        using var client = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        using var done = new CancellationTokenSource();
        var answers = Enumerable.Range(0, calls).Select(_ => StatusOfHalfAMessageAsync(client, done.Token)).ToList();

        var refused = 0;
        while (refused < calls / 2)
        {
            var ended = await Task.WhenAny(answers).WaitAsync(TimeSpan.FromSeconds(60));
            answers.Remove(ended);
            (await ended).ShouldBe((int)StatusCode.ResourceExhausted);
            refused++;
        }

        Part<ComingBytes>().Held.ShouldBeInRange(0, Limits.ReceivingBytesMax * 3 / 4);
        (await System.Features.GetStatusAsync(new GetStatusRequest())).Views.ShouldNotBeEmpty("what is more important than appends still gets in");
        await done.CancelAsync();
        await Task.WhenAll(answers.Select(answer => (Task)answer)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await Eventually.TrueAsync(() => Task.FromResult(Part<ComingBytes>().Held == 0), TimeSpan.FromMinutes(1), () => "Bytes of calls that ended are still counted.");
        await Eventually.TrueAsync(async () => (await LogAsync()).Contains("\"eventId\":1103", StringComparison.Ordinal), TimeSpan.FromMinutes(1), () => "The log does not say that there is too much to do.");
        (await LogAsync()).ShouldNotContain("\"level\":\"Error\"", customMessage: "a caller's fault is no error of the server");
    }

    [Fact]
    public async Task One_stream_of_appends_too_many_is_refused_as_it_opens_and_the_others_go_on()
    {
        List<AsyncDuplexStreamingCall<AppendRequest, AppendAcknowledgement>> open = [];
        for (var i = 0; i < Limits.AppendStreamsMax; i++)
        {
            open.Add(System.Events.AppendStream());
            await open[i].RequestStream.WriteAsync(PaymentsSystem.Payments($"open{i}", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z")));
            (await open[i].ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        }

        using var more = System.Events.AppendStream();
        var refused = await Should.ThrowAsync<RpcException>(() => more.ResponseStream.MoveNext(CancellationToken.None));

        refused.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        var error = ApiError.From(refused);
        error.Code.ShouldBe("overloaded");
        error.RetryAfter.ShouldNotBeNull();
        error.Message.ShouldContain("3 streams of appends");
        await open[0].RequestStream.CompleteAsync();
        (await open[0].ResponseStream.MoveNext(CancellationToken.None)).ShouldBeFalse();
        open.ForEach(call => call.Dispose());
    }

    [Fact]
    public async Task Background_work_beyond_its_part_is_refused_with_a_later_time_than_others()
    {
        await PromoteAsync();
        var evaluations = Enumerable.Range(0, 40).Select(async _ =>
        {
            try
            {
                await System.Inference.EvaluateModelAsync(new EvaluateModelRequest { Model = "fraud" });
                return null;
            }
            catch (RpcException refused)
            {
                return ApiError.From(refused);
            }
        }).ToList();

        var refused = (await Task.WhenAll(evaluations)).OfType<ApiError>().ToList();

        refused.ShouldAllBe(error => error.Code == "overloaded" && error.RetryAfter >= TimeSpan.FromSeconds(5));
        refused.Count.ShouldBeLessThan(40);
    }

    private async Task PromoteAsync()
    {
        var spine = Enumerable.Range(0, 40).Select(number => new SpineRow
        {
            Entities = { ["card"] = $"{number}" }, Time = "2026-01-02T00:00:00Z", Label = number % 3 == 0 ? 1 : 0, Context = { ["amount"] = new Value { Number = number } },
        });
        var trained = await System.Registry.TrainModelAsync(new TrainModelRequest { Model = "fraud", Spine = { spine }, Actor = "tests" });
        await System.Registry.PromoteModelAsync(new PromoteModelRequest { Model = "fraud", Version = trained.Version.Version, Actor = "tests" });
    }

    // Asked of the host's own parts: metrics are the process's, and other tests' hosts come and go in it.
    private T Part<T>() where T : notnull => System.Host.Services.GetRequiredService<T>();

    private async Task<string> LogAsync()
    {
        await using var file = new FileStream(Path.Combine(System.Host.HomeFolder, "logs", "server.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }

    private async Task AllInTheLogAsync(IReadOnlyCollection<string> acknowledged)
    {
        acknowledged.ShouldNotBeEmpty();
        Dictionary<string, int> recorded = [];
        await foreach (var one in System.Log.ReadAllAsync(Core.Events.ReadDirection.Forwards, Core.Events.Position.Start))
        {
            var id = one.EventId.ToString();
            recorded[id] = recorded.GetValueOrDefault(id) + 1;
        }
        acknowledged.Where(id => recorded.GetValueOrDefault(id) != 1).ShouldBeEmpty();
    }

    private async Task<int> StatusOfHalfAMessageAsync(HttpClient client, CancellationToken done)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{System.Host.ApiAddress}/eventfeatures.v1.Events/Append")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new HalfAMessage(done),
        };
        request.Headers.TE.ParseAdd("trailers");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, done);
        await answer.Content.CopyToAsync(Stream.Null, done);
        var status = answer.Headers.TryGetValues("grpc-status", out var header) ? header : answer.TrailingHeaders.GetValues("grpc-status");
        return int.Parse(status.Single());
    }

    private sealed class HalfAMessage : HttpContent
    {
        private readonly CancellationToken _done;

        public HalfAMessage(CancellationToken done)
        {
            _done = done;
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            byte[] prefix = [0, 0, 3 * MiB >> 16, 0, 0];
            await stream.WriteAsync(prefix, cancellationToken);
            for (var i = 0; i < 20; i++) await stream.WriteAsync(new byte[64 * 1024], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, _done).WaitAsync(cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Callers that append without end and, when refused, come back at once, as bad ones do.</summary>
    private sealed class Callers(Events.EventsClient events, AppendPriority priority)
    {
        private int _refused;

        public ConcurrentBag<string> Acknowledged { get; } = [];

        public ConcurrentBag<TimeSpan> Delays { get; } = [];

        public ConcurrentBag<string> Unexpected { get; } = [];

        public int Refused => _refused;

        public Task RunAsync(int callers, CancellationToken done) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var request = PaymentsSystem.Payments($"{priority}{caller}", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z"));
                request.Priority = priority;
                try
                {
                    foreach (var appended in (await events.AppendAsync(request)).Events) Acknowledged.Add(appended.EventId);
                }
                catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
                {
                    Interlocked.Increment(ref _refused);
                    Delays.Add(ApiError.From(refused).RetryAfter ?? TimeSpan.Zero);
                }
                catch (RpcException failed)
                {
                    Unexpected.Add(failed.ToString());
                }
            }
        }, CancellationToken.None)));

        public override string ToString() => $"{Acknowledged.Count} acknowledged, {_refused} refused";
    }
}
