using System.Text;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices.Subscriptions;
using EventFeatures.Testing.Specs;
using EventFeatures.Testing.Systems;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>A subscription sends an entity's vector when its rows change.</summary>
public sealed class SubscriptionTests(ReadySystem ready) : IClassFixture<ReadySystem>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_change_sends_the_vector_that_a_read_would_get()
    {
        using var call = ready.System.Features.Subscribe(new SubscribeRequest { Service = "ready@v1", Entities = { Card("one") } });
        var begun = await NextAsync(call);
        begun.Update.ShouldBeNull("the first message says from where on");
        await ready.PayAsync("another", "5");
        var position = await ready.PayAsync("one", "12.50");

        var message = await ChangeAsync(call);

        message.Update.Entities.ShouldBe(new Dictionary<string, string> { ["card"] = "one" });
        message.Update.ChangedAt.ShouldBe(position);
        message.Update.Coalesced.ShouldBe(0);
        message.Position.ShouldBeGreaterThan(begun.Position);
        var read = ready.Read("one", position);
        read.AsOf = message.Update.Features.AsOf;
        message.Update.Features.Features.ShouldBe((await ready.System.Features.GetFeaturesAsync(read)).Features);
    }

    [Fact]
    public async Task It_goes_on_after_a_position_and_no_change_is_lost_however_few_vectors_stand_for_them()
    {
        var start = await ready.PayAsync("history", "1");
        var (last, newest) = (new Dictionary<string, ulong>(), new Dictionary<string, ulong>());
        for (var i = 0; i < 30; i++) last[$"many-{i % 3}"] = await ready.PayAsync($"many-{i % 3}", "1");
        var (seen, position) = (0L, start);
        using (var first = Subscribe(start))
            while (seen < 15) Take(await ChangeAsync(first));
        // As after a broken connection: on from the last position that was heard. What was sent may be sent once more.
        using var second = Subscribe(position);
        while (last.Any(card => newest.GetValueOrDefault(card.Key) < card.Value)) Take(await ChangeAsync(second));

        newest.ShouldBe(last, ignoreOrder: true);
        seen.ShouldBeGreaterThanOrEqualTo(30);

        AsyncServerStreamingCall<SubscribeResponse> Subscribe(ulong after) =>
            ready.System.Features.Subscribe(new SubscribeRequest { Service = "ready@v1", After = after, Entities = { Card("many-0"), Card("many-1"), Card("many-2") } });

        void Take(SubscribeResponse message)
        {
            position = message.Position;
            seen += 1 + message.Update.Coalesced;
            newest[message.Update.Entities["card"]] = message.Update.ChangedAt;
        }
    }

    [Fact]
    public async Task Without_a_change_there_are_heartbeats_that_move_on_with_the_log()
    {
        using var call = ready.System.Features.Subscribe(new SubscribeRequest { Service = "ready@v1", HeartbeatSeconds = 1, Entities = { Card("silent") } });
        var begun = await NextAsync(call);
        var position = await ready.PayAsync("noisy", "1");
        var heartbeat = begun;
        while (heartbeat.Position < position) (heartbeat = await NextAsync(call)).Update.ShouldBeNull();
    }

    [Fact]
    public async Task A_subscriber_who_goes_leaves_nothing_behind()
    {
        var places = ready.System.Host.Services.GetRequiredService<SubscriptionPlaces>();
        await Eventually.TrueAsync(() => Task.FromResult(places.Taken == 0), Deadline, () => $"{places.Taken} places are taken.");
        for (var i = 0; i < 3; i++)
        {
            using (var polite = ready.System.Features.Subscribe(new SubscribeRequest { Service = "ready@v1" }))
            {
                await NextAsync(polite);
                places.Taken.ShouldBe(1);
            }
            await Eventually.TrueAsync(() => Task.FromResult(places.Taken == 0), Deadline, () => $"{places.Taken} places are taken.");
        }
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var system = await RunningSystem.StartAsync();
        await system.Registry.ApplyAsync(new ApplyRequest { Files = { new DefinitionFile { Path = "payments.yaml", Content = PaymentsSystem.Definitions } }, Actor = "tests", Reason = "to be tested" });
        using var call = system.Features.Subscribe(new SubscribeRequest { Service = "fraud@v1" });
        await NextAsync(call);
        var listening = call.ResponseStream.MoveNext(CancellationToken.None);
        await system.Host.DisposeAsync();
        (await Should.ThrowAsync<RpcException>(() => listening.WaitAsync(Deadline))).StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Over_http_it_is_a_line_of_json_a_message()
    {
        var start = await ready.PayAsync("lines", "1");
        await ready.PayAsync("lines", "2");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/features:subscribe")
        {
            Content = new StringContent($$$"""{"service": "ready@v1", "after": "{{{start}}}", "entities": [{"keys": {"card": "lines"}}]}""", Encoding.UTF8, "application/json"),
        };
        using var answer = await ready.System.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        JsonElement.Parse((await lines.ReadLineAsync().WaitAsync(Deadline))!).GetProperty("position").GetString().ShouldBe(start.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var update = JsonElement.Parse((await lines.ReadLineAsync().WaitAsync(Deadline))!).GetProperty("update");
        update.GetProperty("entities").GetProperty("card").GetString().ShouldBe("lines");
        update.GetProperty("features").GetProperty("features")[1].GetProperty("value").GetProperty("decimal").GetString().ShouldBe("3");
    }

    [Theory]
    [InlineData("nothing@v1", "service-unknown")]
    [InlineData("", "invalid-argument")]
    public async Task What_cannot_be_subscribed_to_is_refused_by_name(string service, string code)
    {
        using var call = ready.System.Features.Subscribe(new SubscribeRequest { Service = service });
        var refused = await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
        refused.Trailers.GetValue("error-code").ShouldBe(code);
    }

    [Fact]
    public async Task The_command_prints_changes_and_where_to_go_on()
    {
        var start = await ready.PayAsync("command", "1");
        await ready.PayAsync("command", "2.75");
        var run = await CommandRun.Of("features", "watch", "--service", "ready@v1", "--entity", "card=command", "--after", $"{start}", "--count", "1", "--server", ready.System.Host.ApiAddress);
        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldContain("card=command changed at position");
        run.Output.ShouldContain("3.75");
        run.Errors.ShouldContain("features watch --server");
        run.Errors.ShouldContain("--service ready@v1 --after ");
    }

    private static SubscribedEntity Card(string card) => new() { Keys = { ["card"] = card } };

    private static async Task<SubscribeResponse> NextAsync(AsyncServerStreamingCall<SubscribeResponse> call)
    {
        (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Deadline)).ShouldBeTrue();
        return call.ResponseStream.Current;
    }

    private static async Task<SubscribeResponse> ChangeAsync(AsyncServerStreamingCall<SubscribeResponse> call)
    {
        while (true)
            if (await NextAsync(call) is { Update: not null } change) return change;
    }
}
