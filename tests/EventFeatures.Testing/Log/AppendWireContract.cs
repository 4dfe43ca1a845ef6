using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>Appends as the official clients send them, and the messages that they rely on.</summary>
public abstract class AppendWireContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "5")]
    public async Task A_batch_is_answered_with_its_correlation_id_in_either_form()
    {
        var id = Guid.NewGuid();
        var text = Batch(Stream(), Event());
        text.CorrelationId = Uuids.Text(id);
        var structured = Batch(Stream(), Event());
        structured.CorrelationId = Uuids.Structured(id);

        foreach (var batch in new[] { text, structured })
        {
            var answer = await AppendBatchAsync(batch);
            Uuids.TryRead(answer.CorrelationId, out var echoed).ShouldBeTrue();
            echoed.ShouldBe(id);
        }
    }

    [Fact, Trait("Fact", "9")]
    public async Task A_batchs_wrong_expected_version_is_in_band_with_one_detail()
    {
        await AppendBatchAsync(Batch(Stream(), Events(2)));
        var conflict = Batch(Stream(), Event());
        conflict.Options.NoStream = new Google.Protobuf.WellKnownTypes.Empty();

        var answer = await AppendBatchAsync(conflict);

        answer.Error.Code.ShouldBe(Code.AlreadyExists);
        answer.Error.Details.TypeUrl.ShouldBe("type.googleapis.com/event_store.client.WrongExpectedVersion");
        var wrong = answer.Error.Details.Unpack<WrongExpectedVersion>();
        wrong.CurrentStreamRevision.ShouldBe(1ul);
        wrong.ExpectedStreamPositionOptionCase.ShouldBe(WrongExpectedVersion.ExpectedStreamPositionOptionOneofCase.ExpectedNoStream);
        answer.StreamIdentifier.StreamName.ToStringUtf8().ShouldBe(Stream());
    }

    [Fact, Trait("Fact", "9"), Trait("Fact", "12")]
    public async Task A_batch_that_is_too_large_is_told_the_limit_in_band()
    {
        var answer = await AppendBatchAsync(Batch(Stream(), Event() with { Data = new byte[1024 * 1024 + 1] }));

        answer.Error.Code.ShouldBe(Code.InvalidArgument);
        answer.Error.Details.Unpack<MaximumAppendSizeExceeded>().MaxAppendSize.ShouldBe(1024u * 1024);
    }

    [Fact, Trait("Fact", "7")]
    public async Task A_batch_may_come_in_several_messages_and_one_stream_carries_many_batches()
    {
        var first = Batch(Stream("a"), Events(2));
        first.IsFinal = false;
        var rest = new BatchAppendReq { CorrelationId = first.CorrelationId, IsFinal = true };
        rest.ProposedMessages.Add(WireBatches.Proposed(Event()));
        var other = Batch(Stream("b"), Event());

        using var call = Wire.BatchAppend(cancellationToken: Late);
        foreach (var message in new[] { first, other, rest }) await call.RequestStream.WriteAsync(message, Late);
        Dictionary<string, ulong> revisions = [];
        while (revisions.Count < 2 && await call.ResponseStream.MoveNext(Late))
            revisions[call.ResponseStream.Current.StreamIdentifier.StreamName.ToStringUtf8()] = call.ResponseStream.Current.Success.CurrentRevision;

        revisions[Stream("a")].ShouldBe(2ul);
        revisions[Stream("b")].ShouldBe(0ul);
    }

    [Fact, Trait("Fact", "8")]
    public async Task A_batchs_deadline_may_be_a_time_a_duration_or_left_out()
    {
        var time = Batch(Stream(), Event());
        time.Options.Deadline21100 = Timestamp.FromDateTime(DateTime.SpecifyKind(new DateTime(9999, 12, 31), DateTimeKind.Utc));
        var duration = Batch(Stream(), Event());
        duration.Options.Deadline = Duration.FromTimeSpan(TimeSpan.FromSeconds(10));
        var none = Batch(Stream(), Event());

        foreach (var batch in new[] { time, duration, none })
            (await AppendBatchAsync(batch)).ResultCase.ShouldBe(BatchAppendResp.ResultOneofCase.Success);
    }

    [Fact, Trait("Fact", "11")]
    public async Task A_unary_wrong_expected_version_is_a_normal_answer_with_both_generations_of_fields()
    {
        await AppendBatchAsync(Batch(Stream(), Events(2)));

        var answer = await AppendUnaryAsync(new AppendReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(Stream()), Revision = 7 }, WireEvents.Unary(Event()));

        answer.WrongExpectedVersion.CurrentRevision.ShouldBe(1ul);
        answer.WrongExpectedVersion.CurrentRevision2060.ShouldBe(1ul);
        answer.WrongExpectedVersion.ExpectedRevision.ShouldBe(7ul);
        answer.WrongExpectedVersion.ExpectedRevision2060.ShouldBe(7ul);
    }

    [Fact, Trait("Fact", "18")]
    public async Task A_unary_append_answers_revision_and_position()
    {
        var answer = await AppendUnaryAsync(AnyOf(Stream()), WireEvents.Unary(Event()), WireEvents.Unary(Event()));

        answer.Success.CurrentRevision.ShouldBe(1ul);
        answer.Success.Position.CommitPosition.ShouldBe(answer.Success.Position.PreparePosition);
        (await ReadAsync(Stream()))[^1].Position.Value.ShouldBe(answer.Success.Position.CommitPosition);
    }

    [Theory, Trait("Fact", "12")]
    [InlineData("type")]
    [InlineData("content-type")]
    public async Task A_unary_append_without_required_metadata_names_what_is_missing(string missing)
    {
        var message = WireEvents.Unary(Event());
        message.Metadata.Remove(missing);

        var refused = await Should.ThrowAsync<RpcException>(() => AppendUnaryAsync(AnyOf(Stream()), message));

        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        refused.Trailers.GetValue("exception").ShouldBe("missing-required-metadata-property");
    }

    [Fact, Trait("Fact", "12")]
    public async Task A_unary_append_that_is_too_large_is_status_3()
    {
        var refused = await Should.ThrowAsync<RpcException>(() =>
            AppendUnaryAsync(AnyOf(Stream()), WireEvents.Unary(Event() with { Data = new byte[1024 * 1024 + 1] })));

        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        refused.Trailers.GetValue("exception").ShouldBe("maximum-append-size-exceeded");
    }

    private static AppendReq.Types.Options AnyOf(string stream) =>
        new() { StreamIdentifier = StreamNames.ToIdentifier(stream), Any = new EventFeatures.Log.Protocol.Empty() };

    private async Task<AppendResp> AppendUnaryAsync(AppendReq.Types.Options options, params AppendReq.Types.ProposedMessage[] messages)
    {
        using var call = Wire.Append(cancellationToken: Late);
        await call.RequestStream.WriteAsync(new AppendReq { Options = options }, Late);
        foreach (var message in messages) await call.RequestStream.WriteAsync(new AppendReq { ProposedMessage = message }, Late);
        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }
}
