using System.Globalization;
using System.Text;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Testing.Specs;
using Google.Protobuf;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>A vector that was computed before its read is what a computation at its time gives, or it is not served.</summary>
public sealed class PrecomputedVectorTests(ReadySystem ready) : IClassFixture<ReadySystem>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_change_has_its_vector_computed_without_a_read_and_a_read_says_how_old_it_is()
    {
        var position = await ready.PayAsync("fresh", "12.50", "7.25");

        var served = await PrecomputedAsync("fresh", position);

        served.Features.Select(feature => feature.Name).ShouldBe(
            ["card_activity__count_1h", "card_activity__sum_24h", "card_activity__last_units", "card_reversals__count_1h", "card_reversals__mean", "ratio"]);
        served.Features[1].Value.Decimal.ShouldBe("19.75");
        served.Precomputed.AgeSeconds.ShouldBeInRange(0, 60);
        served.Precomputed.MaxStalenessSeconds.ShouldBe(3_600);
        served.Views.Select(view => view.View).ShouldBe(["card_activity@v1", "card_reversals@v1"]);
        served.Views.ShouldAllBe(view => view.KnownAt >= position);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_served_has_the_bits_of_a_computation_at_its_time_online_and_in_batch(int seed)
    {
        var random = new Random(seed);
        for (var step = 0; step < 60; step++)
        {
            var card = $"bits-{seed}-{random.Next(6)}";
            var position = await ready.PayAsync(card, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (random.Next(1, 100_000) / 100m).ToString(CultureInfo.InvariantCulture))]);
            // As it may be seen at any moment, and not only once all is at rest.
            var served = await ready.System.Features.GetFeaturesAsync(ready.Read(card, step % 2 == 0 ? position : 0));
            if (step % 5 == 0) served = await PrecomputedAsync(card, position);
            if (served.Precomputed is null) continue;

            var computed = ready.Read(card);
            computed.AsOf = served.AsOf;
            computed.KnownAt = served.Views.Max(view => view.KnownAt);
            (await ready.System.Features.GetFeaturesAsync(computed)).Features.ShouldBe(served.Features, $"seed {seed}, step {step}, in batch");
            computed.ClearKnownAt();
            if (step % 5 == 0) (await ready.System.Features.GetFeaturesAsync(computed)).Features.ShouldBe(served.Features, $"seed {seed}, step {step}, online");
        }
    }

    [Fact]
    public async Task A_row_that_is_visible_is_in_the_answer_whether_or_not_it_was_computed_before()
    {
        for (var count = 1; count <= 40; count++)
        {
            var position = await ready.PayAsync("visible", "1");
            // Only a computation waits for the view; then the row is there for everybody.
            var first = ready.Read("visible", position);
            first.MaxStaleness = "0s";
            (await ready.System.Features.GetFeaturesAsync(first)).Precomputed.ShouldBeNull();
            (await ready.System.Features.GetFeaturesAsync(ready.Read("visible"))).Features[1].Value.Decimal.ShouldBe(count.ToString(CultureInfo.InvariantCulture));
            (await ready.System.Features.GetFeaturesAsync(ready.Read("visible", position))).Features[1].Value.Decimal.ShouldBe(count.ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task What_a_read_computes_serves_the_next_one_and_over_http_it_is_the_same()
    {
        var served = await PrecomputedAsync("http", await ready.PayAsync("http", "3.75"));
        JsonElement json = default;
        // A vector may be replaced at any time; the one before and after the answer over HTTP is the one that it is of.
        await Eventually.TrueAsync(
            async () =>
            {
                var before = await ready.System.Features.GetFeaturesAsync(ready.Read("http"));
                json = await OverHttpAsync("http");
                served = await ready.System.Features.GetFeaturesAsync(ready.Read("http"));
                return served.AsOf == before.AsOf;
            },
            Deadline, () => $"Replaced between any two reads; the last: {served}");

        json.GetProperty("asOf").GetString().ShouldBe(served.AsOf);
        json.GetProperty("precomputed").GetProperty("ageSeconds").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        json.GetProperty("features").GetArrayLength().ShouldBe(served.Features.Count);
        json.GetProperty("features")[1].GetProperty("value").GetProperty("decimal").GetString().ShouldBe("3.75");

        // An entity without any event has a vector too, once somebody asked.
        await ready.System.Features.GetFeaturesAsync(ready.Read("nobody"));
        (await PrecomputedAsync("nobody", 0)).Features[1].Status.ShouldBe(FeatureStatus.NotFound);
    }

    [Fact]
    public async Task An_answer_that_was_encoded_before_is_on_the_wire_what_any_answer_is()
    {
        var served = await PrecomputedAsync("wire", await ready.PayAsync("wire", "1.25"));
        var computed = ready.Read("wire");
        computed.AsOf = served.AsOf;
        var answer = await ready.System.Features.GetFeaturesAsync(computed);
        answer.Features.ShouldBe(served.Features);
        GetFeaturesResponse.Parser.ParseFrom(served.ToByteArray()).ShouldBe(served);
    }

    [Fact]
    public async Task After_a_restart_vectors_are_computed_anew()
    {
        var position = await ready.PayAsync("restart", "2");
        await PrecomputedAsync("restart", position);
        await ready.System.RestartAsync();
        (await ready.System.Features.GetFeaturesAsync(ready.Read("restart", position))).Features[1].Value.Decimal.ShouldBe("2");
        (await PrecomputedAsync("restart", position)).Features[1].Value.Decimal.ShouldBe("2");
    }

    private async Task<JsonElement> OverHttpAsync(string card)
    {
        using var body = new StringContent($$"""{"service": "ready@v1", "entities": {"card": "{{card}}"} }""", Encoding.UTF8, "application/json");
        using var answer = await ready.System.Http.PostAsync(new Uri("/v1/features", UriKind.Relative), body);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The vector, once it is there to be served.</summary>
    private async Task<GetFeaturesResponse> PrecomputedAsync(string card, ulong position)
    {
        GetFeaturesResponse? answer = null;
        await Eventually.TrueAsync(
            async () => (answer = await ready.System.Features.GetFeaturesAsync(ready.Read(card, position))).Precomputed is not null, Deadline, () => $"Computed on the spot: {answer}");
        return answer!;
    }
}
