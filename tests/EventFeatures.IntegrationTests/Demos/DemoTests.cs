using System.Globalization;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Demos;

public sealed class DemoTests
{
    [Fact]
    public async Task The_payments_demo_keeps_every_promise_from_the_first_event_to_the_replay()
    {
        var demo = await DemoProcess.RunAsync("payments", "--events", "5000", "--predictions", "250");

        demo.ExitCode.ShouldBe(0, demo.Errors);
        Number(demo, "log", "events").ShouldBe(5_000);
        Number(demo, "views", "gap").ShouldBe(0);
        Number(demo, "views", "events").ShouldBeGreaterThan(4_900);
        Number(demo, "training", "rows").ShouldBeGreaterThan(1_000);
        Number(demo, "training", "leaks").ShouldBe(0);
        demo.Steps["champion"].GetProperty("metrics").GetProperty("ece").GetDouble().ShouldBeInRange(0, 0.1);
        Number(demo, "served", "predictions").ShouldBe(250);
        // Those that a busy machine keeps too long fall back; no more than half of them.
        Number(demo, "served", "fallbacks").ShouldBeLessThanOrEqualTo(125);
        Number(demo, "outcomes", "quiet").ShouldBeGreaterThan(0);
        Number(demo, "replay", "total").ShouldBe(250);
        Number(demo, "replay", "reproduced").ShouldBe(250);
        demo.Steps["next"].GetProperty("command").GetString()!.ShouldContain("lineage --prediction fraud-p-");
        demo.LeftInAccount.ShouldBeEmpty("ONNX Runtime's telemetry, for one, would leave an identifier here.");
    }

    [Fact]
    public async Task The_electricity_demo_predicts_each_period_before_it_is_known()
    {
        var input = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(input, Days(days: 29, extra: 10));
            var demo = await DemoProcess.RunAsync("electricity", "--input", input);

            demo.ExitCode.ShouldBe(0, demo.Errors);
            Number(demo, "log", "events").ShouldBe(29 * 48 + 10);
            Number(demo, "training", "leaks").ShouldBe(0);
            Number(demo, "served", "predictions").ShouldBe(48 + 10);
            Number(demo, "outcomes", "outcomes").ShouldBe(48 + 10);
            Number(demo, "accuracy", "accuracy").ShouldBeInRange(0.5, 1);
            // The day turns twice, so that "as before" is wrong about two times in 48.
            Number(demo, "accuracy", "noChange").ShouldBe(0.95, 0.03);
            Number(demo, "replay", "reproduced").ShouldBe(48 + 10);
        }
        finally
        {
            File.Delete(input);
        }
    }

    [Fact]
    public async Task A_wrong_input_is_refused_before_anything_starts()
    {
        (await DemoProcess.RunAsync("electricity", "--input", "/nowhere.csv")).ShouldSatisfyAllConditions(
            demo => demo.ExitCode.ShouldBe(2), demo => demo.Errors.ShouldContain("There is no file"));
        (await DemoProcess.RunAsync("payments", "--events", "10")).ShouldSatisfyAllConditions(
            demo => demo.ExitCode.ShouldBe(2), demo => demo.Errors.ShouldContain("from 5,000"));
    }

    // High prices by day, low ones by night, with a little noise that a seed fixes.
    private static IEnumerable<string> Days(int days, int extra)
    {
        var random = new Random(3);
        yield return "period,nswprice,nswdemand,vicprice,vicdemand,transfer,class";
        for (var index = 0; index < days * 48 + extra; index++)
        {
            var half = index % 48;
            var isDay = half is >= 16 and < 40;
            var price = (isDay ? 0.08 : 0.04) + 0.005 * random.NextDouble();
            var demand = (isDay ? 0.6 : 0.3) + 0.05 * random.NextDouble();
            yield return string.Create(CultureInfo.InvariantCulture, $"{half / 47.0:R},{price:R},{demand:R},0.003467,0.422915,0.414912,{(isDay ? 1 : 0)}");
        }
    }

    private static double Number(DemoProcess.Result demo, string step, string figure) =>
        demo.Steps.TryGetValue(step, out var document) && document.TryGetProperty(figure, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw new ShouldAssertException($"The demo stated no {step}.{figure}. It printed: {string.Join("; ", demo.Steps.Values)} {demo.Errors}");
}
