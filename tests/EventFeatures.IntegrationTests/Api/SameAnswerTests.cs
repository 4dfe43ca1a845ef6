using System.Text;
using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using EventFeatures.Testing.Systems;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>The same question has the same answer over gRPC, where it is encoded as it is made, and over HTTP.</summary>
public sealed class SameAnswerTests(ReadySystem ready) : IClassFixture<ReadySystem>
{
    private const string AsOf = "2026-01-01T10:45:00.25Z";

    [Fact]
    public async Task One_entity()
    {
        var question = ready.Read("one", await PayAsync("one"));
        question.AsOf = AsOf;

        await BothAsync(question);
        question.Entities["card"] = "nobody";
        await BothAsync(question);

        async Task BothAsync(GetFeaturesRequest asked)
        {
            var answer = await ready.System.Features.GetFeaturesAsync(asked);
            var overHttp = GetFeaturesResponse.Parser.ParseJson(await PostAsync("/v1/features", asked));
            answer.Features.Count.ShouldBe(6);
            Timeless(overHttp.Views);
            Timeless(answer.Views);
            overHttp.ShouldBe(answer);
        }
    }

    [Fact]
    public async Task Many_entities()
    {
        var question = new GetFeatureBatchRequest { Service = "ready@v1", AsOf = AsOf, MinPosition = await PayAsync("many") };
        foreach (var card in new[] { "many", "nobody" }) question.Rows.Add(new FeatureBatchRow { Entities = { ["card"] = card } });

        var answer = await ready.System.Features.GetFeatureBatchAsync(question);
        var overHttp = GetFeatureBatchResponse.Parser.ParseJson(await PostAsync("/v1/features:batch", question));

        answer.Rows.Count.ShouldBe(2);
        answer.Rows[1].Defaulted.ShouldBe([0u]);
        foreach (var rows in new[] { answer.Rows, overHttp.Rows })
            foreach (var row in rows) row.KnownAt.Clear();
        Timeless(overHttp.Views);
        Timeless(answer.Views);
        overHttp.ShouldBe(answer);
    }

    [Fact]
    public async Task As_columns_one_entity_and_many()
    {
        var question = ready.Read("columns", await PayAsync("columns"));
        question.AsOf = AsOf;
        var features = (await ready.System.Features.GetFeaturesAsync(question)).Features;
        question.Form = AnswerForm.Columns;

        var answer = await ready.System.Features.GetFeaturesAsync(question);
        answer.Features.ShouldBeEmpty();
        answer.Columns.Spell(answer.Columns.Names, Instant.Parse(AsOf)).ShouldBe(features);
        GetFeaturesResponse.Parser.ParseJson(await PostAsync("/v1/features", question)).Columns.ShouldBe(answer.Columns);
        question.NamesDigest = answer.Columns.NamesDigest;
        var unnamed = await ready.System.Features.GetFeaturesAsync(question);
        unnamed.Columns.Names.ShouldBeEmpty();
        unnamed.Columns.Spell(answer.Columns.Names, Instant.Parse(AsOf)).ShouldBe(features);

        var rows = new GetFeatureBatchRequest { Service = "ready@v1", AsOf = AsOf, Form = AnswerForm.Columns };
        foreach (var card in new[] { "columns", "nobody" }) rows.Rows.Add(new FeatureBatchRow { Entities = { ["card"] = card } });
        var batch = await ready.System.Features.GetFeatureBatchAsync(rows);
        batch.Rows[0].Columns.Spell(batch.Names, Instant.Parse(AsOf)).ShouldBe(features);
        batch.Rows[0].EntityKeys.ShouldBe(["columns", "columns"]);
        batch.Rows[0].Values.ShouldBeEmpty();
        batch.Rows[1].Columns.Defaulted.ShouldBe([0u]);
    }

    [Fact]
    public async Task As_columns_of_a_vector_that_was_computed_before()
    {
        var question = ready.Read("kept", await PayAsync("kept"));
        var spelled = await ready.System.Features.GetFeaturesAsync(question);
        question.Form = AnswerForm.Columns;

        var answer = await ready.System.Features.GetFeaturesAsync(question);
        // The names of one answer are no other answer's: whoever knows them gets none, whoever does not gets them.
        foreach (var (known, names) in new[] { (answer.Columns.NamesDigest, 0), ("", 6), ("another", 6) })
        {
            question.NamesDigest = known;
            var again = await ready.System.Features.GetFeaturesAsync(question);
            again.Columns.Names.Count.ShouldBe(names);
            again.Precomputed.ShouldNotBeNull();
            again.Views.Select(view => view.View).ShouldBe(spelled.Views.Select(view => view.View));
            GetFeaturesResponse.Parser.ParseJson(await PostAsync("/v1/features", question)).Columns.ShouldBe(again.Columns);
            again.Columns.Spell(answer.Columns.Names, Instant.Parse(again.AsOf)).Select(feature => feature.Value).ShouldBe(spelled.Features.Select(feature => feature.Value));
        }
    }

    // Each answer is of its own moment.
    private static void Timeless(RepeatedField<ViewPoint> views)
    {
        foreach (var view in views) (view.KnownAt, view.Gap, view.LagSeconds) = (0, 0, 0);
    }

    private async Task<ulong> PayAsync(string card) => (await ready.System.Events.AppendAsync(PaymentsSystem.Payments(
        card, PaymentsSystem.Payment("12.50", "2026-01-01T10:00:00Z"), PaymentsSystem.Payment("7.25", "2026-01-01T10:30:00.5Z")))).Position;

    private async Task<string> PostAsync(string path, IMessage question)
    {
        using var body = new StringContent(JsonFormatter.Default.Format(question), Encoding.UTF8, "application/json");
        using var answer = await ready.System.Http.PostAsync(new Uri(path, UriKind.Relative), body);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }
}
