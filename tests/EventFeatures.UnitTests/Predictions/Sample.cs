using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>One prediction with every member filled, among them the values that are hardest to keep.</summary>
internal static class Sample
{
    public static PredictionMade Prediction => new()
    {
        PredictionId = "5f0c",
        Request = new PredictionRequest(
            "fraud",
            new Dictionary<string, string> { ["merchant"] = "m-7", ["card"] = "4929" },
            new Dictionary<string, Value> { ["amount"] = Value.Of(12.50m), ["country"] = Value.Of("FR") },
            Instant.Parse("2026-01-31T12:00:00.000001Z"), new Position(81), new Position(80)),
        AsOf = Instant.Parse("2026-01-31T12:00:00.000001Z"),
        Service = "fraud@v1",
        ServiceDigest = "aa",
        Views = [new ViewUse(new ViewReference("card_activity", 1), "bb", "cc", "card", "4929", new Position(81))],
        Features =
        [
            new("card_activity__count_1h", Value.Of(3L), FeatureStatus.Present, Instant.Parse("2026-01-31T11:59:59Z"), false),
            new("card_activity__mean_7d", Value.Of(0.1 + 0.2), FeatureStatus.Present, Instant.Parse("2026-01-31T11:59:59Z"), false),
            new("card_activity__sum_24h", Value.Of(1.5m), FeatureStatus.Present, Instant.Parse("2026-01-31T11:59:59Z"), false),
            new("minus_zero", Value.Of(-0.0), FeatureStatus.Present, null, false),
            new("infinite", Value.Of(double.PositiveInfinity), FeatureStatus.Present, null, false),
            new("unknown", Value.Null, FeatureStatus.NotFound, null, false),
            new("stood_in", Value.Of(0L), FeatureStatus.OutsideMaxAge, Instant.Parse("2025-01-31T11:59:59Z"), true),
            new("is_foreign", Value.Of(true), FeatureStatus.Present, null, false),
            new("since", Value.Of(Instant.Parse("2026-01-01T00:00:00Z")), FeatureStatus.Present, null, false),
            new("day", Value.Of(new DateOnly(2026, 1, 31)), FeatureStatus.Present, null, false),
            new("list", Value.Of([Value.Of(1L), Value.Of(2.5), Value.Null]), FeatureStatus.Present, null, false),
        ],
        Model = new ModelUse("fraud", 2, "dd", "ee"),
        Route = PredictionRoute.Champion,
        Output = 0.1f,
        Score = 0.1f,
        Confidence = 1 - (double)0.1f,
        Threshold = 0.5,
        Decision = "approve",
        Reasons = [new ReasonCode("card_activity__count_1h", -0.25)],
        Latency = [new StageLatency("read", 41), new StageLatency("score", 7)],
        Fingerprint = new ExecutionFingerprint("dd", "1.31.1", "CPU", "extended", 1, 1, "sequential", true, 1, "Linux", "avx2"),
        CorrelationId = "corr-1",
        RequestedBy = "payments",
        Software = "0.1.0",
    };
}
