using EventFeatures.Api.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

public sealed class TrainingProgressTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    private const int Rows = 400;

    [Fact]
    public async Task Building_a_training_set_tells_how_many_rows_are_joined_and_ends_with_the_set()
    {
        using var call = payments.System.Registry.BuildTrainingSetWithProgress(new BuildTrainingSetRequest { Service = "fraud@v1", Spine = { Spine() } });
        var reports = await call.ResponseStream.ReadAllAsync().ToListAsync();

        reports[^1].Built.Rows.ShouldBe(Rows);
        var progress = reports.SkipLast(1).Select(report => report.Progress).ToList();
        progress.ShouldNotBeEmpty();
        progress.ShouldAllBe(now => now.Stage == "join" && now.Total == Rows && now.Done > 0 && now.Done <= Rows);
        progress.Select(now => now.Done).ShouldBeInOrder();
    }

    [Fact]
    public async Task Training_a_model_tells_of_the_join_before_the_fit()
    {
        using var call = payments.System.Registry.TrainModelWithProgress(new TrainModelRequest { Model = "fraud", Spine = { Spine() }, Actor = "tests" });
        var reports = await call.ResponseStream.ReadAllAsync().ToListAsync();

        reports[^1].Trained.RowsTrained.ShouldBe(320);
        // A report that was not sent before the next one came is passed over, so a quick join may not be told of.
        var stages = reports.SkipLast(1).Select(report => report.Progress.Stage).ToList();
        stages.ShouldBeSubsetOf(["join", "train"]);
        stages.SequenceEqual(stages.Order(StringComparer.Ordinal)).ShouldBeTrue("the join comes first");
    }

    [Fact]
    public async Task What_cannot_be_built_is_refused_as_without_progress()
    {
        var request = new BuildTrainingSetRequest { Service = "nothing@v1", Spine = { Spine() } };
        var plain = await Should.ThrowAsync<RpcException>(() => payments.System.Registry.BuildTrainingSetAsync(request).ResponseAsync);

        using var call = payments.System.Registry.BuildTrainingSetWithProgress(request);
        var streamed = await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));

        streamed.Status.ShouldBe(plain.Status);
        streamed.Trailers.GetValue("error-code").ShouldBe("service-unknown");
    }

    private static IEnumerable<SpineRow> Spine() => Enumerable.Range(0, Rows).Select(number => new SpineRow
    {
        Entities = { ["card"] = $"p{number % 50}" },
        Time = "2026-01-02T00:00:00Z",
        Label = number % 3 == 0 ? 1 : 0,
        Context = { ["amount"] = new Value { Number = number } },
    });
}
