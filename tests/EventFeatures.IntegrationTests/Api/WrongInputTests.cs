using EventFeatures.Api.V1;
using EventFeatures.Server.Errors;
using Google.Protobuf;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

public sealed class WrongInputTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task A_stream_without_a_contract_is_refused_by_name()
    {
        var error = await ErrorOf(payments.System.Events.AppendAsync(new AppendRequest
        {
            Stream = "parcel-1",
            Events = { PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z") },
        }));

        error.Status.ShouldBe(StatusCode.InvalidArgument);
        error.Code.ShouldBe("contract-missing");
        error.Message.ShouldContain("'parcel'");
    }

    [Fact]
    public async Task An_event_that_is_not_json_is_refused()
    {
        var malformed = PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z");
        malformed.Data = ByteString.CopyFromUtf8("{\"amount\": 1, ");

        var error = await ErrorOf(payments.System.Events.AppendAsync(PaymentsSystem.Payments("malformed", malformed)));

        error.Status.ShouldBe(StatusCode.InvalidArgument);
        error.Violations.ShouldHaveSingleItem().Field.ShouldBe("events[0]");
        error.Message.ShouldContain("JSON");
    }

    [Theory]
    [InlineData("card_activity__nothing", "feature-unknown", "sum_24h")]
    [InlineData("nothing__sum_24h", "view-unknown", "card_activity@v1")]
    public async Task An_unknown_feature_is_answered_with_those_there_are(string feature, string code, string hint)
    {
        var error = await ErrorOf(payments.System.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Features = { feature }, Entities = { ["card"] = "1" } }));

        error.Status.ShouldBe(StatusCode.NotFound);
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(hint);
    }

    [Fact]
    public async Task A_form_of_an_answer_that_there_is_not_is_refused_with_those_there_are()
    {
        var one = await ErrorOf(payments.System.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Views = { "card_activity" }, Entities = { ["card"] = "1" }, Form = (AnswerForm)7 }));
        var many = await ErrorOf(payments.System.Features.GetFeatureBatchAsync(
            new GetFeatureBatchRequest { Views = { "card_activity" }, Rows = { new FeatureBatchRow { Entities = { ["card"] = "1" } } }, Form = (AnswerForm)7 }));

        foreach (var error in new[] { one, many })
        {
            error.Status.ShouldBe(StatusCode.InvalidArgument);
            error.Violations.ShouldHaveSingleItem().Field.ShouldBe("form");
            error.Message.ShouldContain("ANSWER_FORM_COLUMNS");
        }
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-01-01T10:00:00")]
    [InlineData("2026-01-01T10:00:00.0000001Z")]
    public async Task A_time_that_is_not_exact_is_refused_and_the_field_is_named(string asOf)
    {
        var error = await ErrorOf(payments.System.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Views = { "card_activity" }, Entities = { ["card"] = "1" }, AsOf = asOf }));

        error.Status.ShouldBe(StatusCode.InvalidArgument);
        error.Violations.ShouldHaveSingleItem().Field.ShouldBe("as_of");
        error.Message.ShouldContain(asOf);
    }

    [Fact]
    public async Task A_position_that_the_log_has_not_reached_is_waited_for_no_longer_than_the_callers_deadline()
    {
        var request = new GetFeaturesRequest { Views = { "card_activity" }, Entities = { ["card"] = "1" }, MinPosition = ulong.MaxValue / 4 };

        var error = await ErrorOf(payments.System.Features.GetFeaturesAsync(request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300)));

        error.Status.ShouldBe(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task A_missing_entity_key_is_named()
    {
        var error = await ErrorOf(payments.System.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Views = { "card_activity" }, Entities = { ["shop"] = "1" } }));

        error.Status.ShouldBe(StatusCode.InvalidArgument);
        error.Message.ShouldContain("'card'");
    }

    [Fact]
    public async Task A_model_that_is_not_declared_is_not_found()
    {
        var error = await ErrorOf(payments.System.Inference.PredictAsync(new PredictRequest { Model = "weather", Entities = { ["card"] = "1" } }));

        error.Status.ShouldBe(StatusCode.NotFound);
        error.Code.ShouldBe("model-unknown");
        error.Message.ShouldContain("fraud");
    }

    [Fact]
    public async Task A_context_field_of_another_type_is_refused()
    {
        var error = await ErrorOf(payments.System.Inference.PredictAsync(new PredictRequest
        {
            Model = "fraud",
            Entities = { ["card"] = "1" },
            Context = { ["amount"] = new Value { Text = "much" } },
        }));

        error.Status.ShouldBe(StatusCode.InvalidArgument);
        error.Violations.ShouldContain(violation => violation.Field == "context.amount");
    }

    [Fact]
    public async Task Bytes_that_are_no_model_are_refused()
    {
        var error = await ErrorOf(payments.System.Registry.RegisterModelAsync(
            new RegisterModelRequest { Model = "fraud", Onnx = ByteString.CopyFromUtf8("not a model") }));

        error.Status.ShouldBe(StatusCode.FailedPrecondition);
        error.Code.ShouldBe("model-unfit");
    }

    [Fact]
    public async Task A_typo_in_a_definition_is_planned_as_an_issue_with_its_line()
    {
        var plan = await payments.System.Registry.PlanAsync(new PlanRequest
        {
            Files = { new DefinitionFile { Path = "typo.yaml", Content = "apiVersion: eventfeatures/v1\nkind: Entity\nname: shop\nkeyz: [ { name: shop, type: string } ]\n" } },
        });

        plan.Issues.ShouldContain(issue => issue.File == "typo.yaml" && issue.Line == 4 && issue.Message.Contains("keyz"));
    }

    [Fact]
    public async Task Applying_wrong_definitions_is_refused_as_a_whole()
    {
        var error = await ErrorOf(payments.System.Registry.ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "bad.yaml", Content = "kind: Nonsense\n" } },
        }));

        error.Status.ShouldBe(StatusCode.InvalidArgument);
        error.Code.ShouldBe("definition-invalid");
        error.Violations.ShouldContain(violation => violation.Field.StartsWith("bad.yaml:"));
    }

    [Fact]
    public async Task An_unknown_prediction_is_not_found()
    {
        var error = await ErrorOf(payments.System.Inference.GetPredictionAsync(new GetPredictionRequest { PredictionId = "nowhere" }));

        error.Status.ShouldBe(StatusCode.NotFound);
        error.Code.ShouldBe("prediction-unknown");
    }

    private static async Task<ApiError> ErrorOf<T>(AsyncUnaryCall<T> call) =>
        ApiError.From(await Should.ThrowAsync<RpcException>(() => call.ResponseAsync));
}
