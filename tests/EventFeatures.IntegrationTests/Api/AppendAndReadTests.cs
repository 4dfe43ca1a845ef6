using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

public sealed class AppendAndReadTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task Features_read_with_an_appends_token_hold_its_events()
    {
        var appended = await payments.System.Events.AppendAsync(PaymentsSystem.Payments(
            "1", PaymentsSystem.Payment("12.50", "2026-01-01T10:00:00Z"), PaymentsSystem.Payment("7.25", "2026-01-01T10:30:00Z")));

        var read = await payments.System.Features.GetFeaturesAsync(new GetFeaturesRequest
        {
            Views = { "card_activity" },
            Entities = { ["card"] = "1" },
            AsOf = "2026-01-01T10:45:00Z",
            MinPosition = appended.Position,
        });

        appended.Revision.ShouldBe(1);
        appended.Events.Select(one => one.Verdict).ShouldBe([AppendVerdict.Accepted, AppendVerdict.Accepted]);
        read.AsOf.ShouldBe("2026-01-01T10:45:00Z");
        read.Features.Select(feature => (feature.Name, feature.Status)).ShouldBe(
        [
            ("card_activity__count_1h", FeatureStatus.Present), ("card_activity__sum_24h", FeatureStatus.Present), ("card_activity__last_units", FeatureStatus.Present),
        ]);
        read.Features[0].Value.Integer.ShouldBe(2);
        read.Features[1].Value.Decimal.ShouldBe("19.75");
        // 2^53 + 1: no double holds it.
        read.Features[2].Value.Integer.ShouldBe(9_007_199_254_740_993);
        read.Features[0].AgeSeconds.ShouldBe(900);
        read.Views.ShouldHaveSingleItem().KnownAt.ShouldBeGreaterThanOrEqualTo(appended.Position);
    }

    [Fact]
    public async Task A_batch_gives_every_row_what_single_reads_give()
    {
        const string AsOf = "2026-01-01T10:45:00Z";
        var appended = await payments.System.Events.AppendAsync(PaymentsSystem.Payments("batch", PaymentsSystem.Payment("3.50", "2026-01-01T10:00:00Z")));
        var request = new GetFeatureBatchRequest { Service = "fraud@v1", AsOf = AsOf, MinPosition = appended.Position };
        foreach (var card in new[] { "batch", "unseen", "batch" })
            request.Rows.Add(new FeatureBatchRow { Entities = { ["card"] = card }, Context = { ["amount"] = new Value { Number = 2 } } });

        var batch = await payments.System.Features.GetFeatureBatchAsync(request);

        batch.AsOf.ShouldBe(AsOf);
        batch.Views.ShouldHaveSingleItem().Entity.ShouldBe("card");
        batch.Rows.Count.ShouldBe(3);
        for (var i = 0; i < batch.Rows.Count; i++)
        {
            var single = await payments.System.Features.GetFeaturesAsync(new GetFeaturesRequest
            {
                Service = "fraud@v1", AsOf = AsOf, MinPosition = appended.Position, Entities = { request.Rows[i].Entities }, Context = { request.Rows[i].Context },
            });
            batch.Names.ShouldBe(single.Features.Select(feature => feature.Name));
            batch.Rows[i].Values.ShouldBe(single.Features.Select(feature => feature.Value));
            batch.Rows[i].Statuses.ShouldBe(single.Features.Select(feature => feature.Status));
            batch.Rows[i].OccurredAt.ShouldBe(single.Features.Select(feature => feature.OccurredAt));
            batch.Rows[i].Defaulted.ShouldBe(single.Features.Select((feature, index) => (feature.Defaulted, index)).Where(one => one.Defaulted).Select(one => (uint)one.index));
            batch.Rows[i].KnownAt.ShouldHaveSingleItem().ShouldBeGreaterThanOrEqualTo(appended.Position);
        }
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_batch_is_told_at_once()
    {
        var request = new GetFeatureBatchRequest { Service = "fraud@v1" };
        request.Rows.Add(new FeatureBatchRow { Entities = { ["card"] = "1" }, Context = { ["amuont"] = new Value { Number = 2 } } });
        request.Rows.Add(new FeatureBatchRow { Entities = { ["crad"] = "1" } });

        var refused = await Should.ThrowAsync<RpcException>(() => payments.System.Features.GetFeatureBatchAsync(request).ResponseAsync);

        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        refused.Status.Detail.ShouldContain("rows[0].context.amuont");
        refused.Status.Detail.ShouldContain("rows[1].entities");
    }

    [Fact]
    public async Task A_batch_past_its_bound_is_refused_with_the_bound()
    {
        var request = new GetFeatureBatchRequest { Service = "fraud@v1" };
        for (var row = 0; row < 1_001; row++) request.Rows.Add(new FeatureBatchRow { Entities = { ["card"] = "1" } });

        var refused = await Should.ThrowAsync<RpcException>(() => payments.System.Features.GetFeatureBatchAsync(request).ResponseAsync);

        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        refused.Status.Detail.ShouldContain("1001 rows; one call reads at most 1000");
    }

    [Fact]
    public async Task A_card_never_seen_has_features_that_say_so()
    {
        var read = await payments.System.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Features = { "card_activity__sum_24h" }, Entities = { ["card"] = "never" } });

        var feature = read.Features.ShouldHaveSingleItem();
        feature.Status.ShouldBe(FeatureStatus.NotFound);
        feature.Value.KindCase.ShouldBe(Value.KindOneofCase.Null);
        feature.HasAgeSeconds.ShouldBeFalse();
    }

    [Fact]
    public async Task A_retried_append_changes_nothing()
    {
        var request = PaymentsSystem.Payments("retry", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z"));

        var first = await payments.System.Events.AppendAsync(request);
        var second = await payments.System.Events.AppendAsync(request);

        second.Revision.ShouldBe(first.Revision);
        second.Position.ShouldBe(first.Position);
    }

    [Fact]
    public async Task A_stream_that_is_not_as_expected_aborts_the_append()
    {
        var request = PaymentsSystem.Payments("expected", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z"));
        request.Expected = ExpectedStream.NoStream;
        await payments.System.Events.AppendAsync(request);
        var second = PaymentsSystem.Payments("expected", PaymentsSystem.Payment("2", "2026-01-01T10:00:00Z"));
        second.ExpectedRevision = 5;

        var refused = await Should.ThrowAsync<RpcException>(() => payments.System.Events.AppendAsync(second).ResponseAsync);

        refused.StatusCode.ShouldBe(StatusCode.Aborted);
        refused.Status.Detail.ShouldContain("expected revision 5");
    }

    [Fact]
    public async Task Every_request_of_a_stream_of_appends_is_acknowledged_and_each_streams_order_is_kept()
    {
        const int Requests = 300;
        using var call = payments.System.Events.AppendStream();
        var acknowledged = ReadAllAsync(call.ResponseStream);
        for (var i = 0; i < Requests; i++)
            await call.RequestStream.WriteAsync(PaymentsSystem.Payments($"many{i % 3}", PaymentsSystem.Payment($"{i}", "2026-01-01T10:00:00Z")));
        await call.RequestStream.CompleteAsync();
        var answers = await acknowledged;

        answers.Select(answer => answer.Request).Order().ShouldBe(Enumerable.Range(0, Requests).Select(number => (long)number));
        answers.ShouldAllBe(answer => answer.ResultCase == AppendAcknowledgement.ResultOneofCase.Appended);
        answers.ShouldAllBe(answer => answer.Appended.Revision == answer.Request / 3);
    }

    [Fact]
    public async Task A_bad_request_in_a_stream_of_appends_fails_alone()
    {
        using var call = payments.System.Events.AppendStream();
        var acknowledged = ReadAllAsync(call.ResponseStream);
        await call.RequestStream.WriteAsync(PaymentsSystem.Payments("alone", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z")));
        await call.RequestStream.WriteAsync(new AppendRequest { Stream = "nobody-1", Events = { PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z") } });
        await call.RequestStream.WriteAsync(PaymentsSystem.Payments("alone", PaymentsSystem.Payment("2", "2026-01-01T10:00:00Z")));
        await call.RequestStream.CompleteAsync();
        var answers = (await acknowledged).OrderBy(answer => answer.Request).ToList();

        answers.Select(answer => answer.ResultCase).ShouldBe(
            [AppendAcknowledgement.ResultOneofCase.Appended, AppendAcknowledgement.ResultOneofCase.Failed, AppendAcknowledgement.ResultOneofCase.Appended]);
        answers[1].Failed.Code.ShouldBe("contract-missing");
        answers[1].Failed.Status.ShouldBe((int)StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task An_event_that_breaks_a_quarantining_contract_is_kept_with_its_reason()
    {
        var appended = await payments.System.Events.AppendAsync(new AppendRequest
        {
            Stream = "refund-1",
            Events = { new Event { Type = "Refunded", Data = Google.Protobuf.ByteString.CopyFromUtf8("""{"amount": "much"}""") } },
        });

        var kept = appended.Events.ShouldHaveSingleItem();
        kept.Verdict.ShouldBe(AppendVerdict.Quarantined);
        kept.Stream.ShouldStartWith("quarantine-");
        kept.Detail.ShouldContain("amount");
        appended.Revision.ShouldBe(-1);
    }

    [Fact]
    public async Task The_trace_of_an_append_is_found_in_the_metadata_of_its_event()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var request = PaymentsSystem.Payments("traced", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z"));

        await payments.System.Events.AppendAsync(request, new Metadata { { "traceparent", $"00-{Trace}-00f067aa0ba902b7-01" } });

        var recorded = await FirstOfAsync("card-traced");
        var metadata = EventMetadata.FromJson(recorded.Metadata);
        metadata.TraceParent.ShouldNotBeNull().ShouldStartWith($"00-{Trace}-");
        metadata.CorrelationId.ShouldBe(Trace);
        metadata.Contract.ShouldBe("payments.authorisation/1");
    }

    private async Task<RecordedEvent> FirstOfAsync(string stream)
    {
        await foreach (var recorded in payments.System.Log.ReadStreamAsync(stream)) return recorded;
        throw new InvalidOperationException($"{stream} is empty.");
    }

    private static async Task<List<AppendAcknowledgement>> ReadAllAsync(IAsyncStreamReader<AppendAcknowledgement> responses)
    {
        List<AppendAcknowledgement> all = [];
        while (await responses.MoveNext(CancellationToken.None)) all.Add(responses.Current);
        return all;
    }
}
