using EventFeatures.Api.V1;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>A server that projects nothing and may write nothing, beside one that projects.</summary>
public sealed class ServeOnlyTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task It_answers_a_consistency_token_with_what_the_other_one_projects_and_projects_nothing_itself()
    {
        await using var serving = await RunningSystem.StartAsync(options => options with
        {
            Postgres = payments.System.Database.ReadOnlyConnectionString, Log = payments.System.Host.LogConnectionString, ServesOnly = true,
        });
        for (var minute = 10; minute < 13; minute++)
        {
            // Appended by either; only one of them projects it.
            var appended = await (minute % 2 == 0 ? payments.System : serving).Events.AppendAsync(PaymentsSystem.Payments("1", PaymentsSystem.Payment("12.50", $"2026-01-01T10:{minute}:00Z")));
            var request = new GetFeaturesRequest
            {
                Views = { "card_activity" }, Entities = { ["card"] = "1" }, AsOf = "2026-01-01T10:45:00Z", MinPosition = appended.Position,
            };

            var read = await serving.Features.GetFeaturesAsync(request);

            read.Features.ShouldBe((await payments.System.Features.GetFeaturesAsync(request)).Features);
            read.Features[0].Value.Integer.ShouldBe(minute - 9);
            read.Views.ShouldHaveSingleItem().KnownAt.ShouldBeGreaterThanOrEqualTo(appended.Position);
        }
        var status = (await serving.Features.GetStatusAsync(new GetStatusRequest())).Views.Single(view => view.View == "card_activity@v1");
        (status.PartitionsHere, status.Partitions).ShouldBe((0, 64));
        (await payments.System.Features.GetStatusAsync(new GetStatusRequest())).Views.Single(view => view.View == "card_activity@v1").PartitionsHere.ShouldBe(64);
    }
}
