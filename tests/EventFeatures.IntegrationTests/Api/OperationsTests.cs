using System.Net;
using System.Text.Json;
using EventFeatures.Api.V1;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>What operators look at: health, metrics, reflection and the log file.</summary>
public sealed class OperationsTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    [Fact]
    public async Task A_system_at_rest_is_live_and_ready_and_says_why()
    {
        (await payments.System.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var report = await ReadyAsync();

        report.GetProperty("status").GetString().ShouldBe("healthy");
        var checks = report.GetProperty("checks");
        checks.GetProperty("log").GetProperty("reason").GetString().ShouldNotBeNull().ShouldContain("position");
        checks.GetProperty("registry").GetProperty("status").GetString().ShouldBe("healthy");
        checks.GetProperty("views").GetProperty("reason").GetString().ShouldBe("1 views are live");
    }

    [Fact]
    public async Task Health_is_served_over_grpc_too()
    {
        await ReadyAsync();

        var answer = await new Health.HealthClient(payments.System.Channel).CheckAsync(new HealthCheckRequest());

        answer.Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Fact]
    public async Task Reflection_lists_the_services()
    {
        using var call = new ServerReflection.ServerReflectionClient(payments.System.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        await call.ResponseStream.MoveNext(CancellationToken.None);

        var names = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name);

        names.Where(name => name.StartsWith("eventfeatures.", StringComparison.Ordinal)).ShouldBe(
            ["eventfeatures.v1.Events", "eventfeatures.v1.Features", "eventfeatures.v1.Inference", "eventfeatures.v1.Registry", "eventfeatures.v1.Audit", "eventfeatures.v1.Maintenance", "eventfeatures.v1.Quarantine"],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Metrics_tell_throughput_latency_errors_and_backlog()
    {
        var appended = await payments.System.Events.AppendAsync(PaymentsSystem.Payments("metrics", PaymentsSystem.Payment("1", "2026-01-01T10:00:00Z")));
        await payments.System.Features.GetFeaturesAsync(
            new GetFeaturesRequest { Views = { "card_activity" }, Entities = { ["card"] = "metrics" }, MinPosition = appended.Position });

        var metrics = await payments.System.Http.GetStringAsync("/metrics");

        metrics.ShouldContain("eventfeatures_events_appended");
        metrics.ShouldContain("eventfeatures_call_duration_seconds_bucket{");
        metrics.ShouldContain("method=\"/eventfeatures.v1.Events/Append\"");
        metrics.ShouldContain("eventfeatures_views_gap");
        metrics.ShouldContain("eventfeatures_views_lag");
        metrics.ShouldContain("eventfeatures_view_live");
        metrics.ShouldContain("view=\"card_activity@v1\"");
    }

    [Fact]
    public async Task A_refused_call_is_in_the_log_file_with_its_trace()
    {
        const string Trace = "aaf92f3577b34da6a3ce929d0e0e4736";
        await Should.ThrowAsync<Grpc.Core.RpcException>(() => payments.System.Inference.GetPredictionAsync(
            new GetPredictionRequest { PredictionId = "not-there" },
            new Grpc.Core.Metadata { { "traceparent", $"00-{Trace}-00f067aa0ba902b7-01" } }).ResponseAsync);

        var entry = JsonDocument.Parse(await LineWithAsync(Trace)).RootElement;

        entry.GetProperty("eventId").GetInt32().ShouldBe(1101);
        entry.GetProperty("traceId").GetString().ShouldBe(Trace);
        entry.GetProperty("values").GetProperty("Code").GetString().ShouldBe("prediction-unknown");
    }

    private async Task<JsonElement> ReadyAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            using var answer = await payments.System.Http.GetAsync("/health/ready", deadline.Token);
            if (answer.StatusCode == HttpStatusCode.OK) return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(deadline.Token)).RootElement;
            await Task.Delay(20, deadline.Token);
        }
    }

    private async Task<string> LineWithAsync(string text)
    {
        var path = Path.Combine(payments.System.Host.HomeFolder, "logs", "server.jsonl");
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            while (await reader.ReadLineAsync(deadline.Token) is { } line)
                if (line.Contains(text, StringComparison.Ordinal)) return line;
            await Task.Delay(20, deadline.Token);
        }
    }
}
