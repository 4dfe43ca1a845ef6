using System.Text;
using EventFeatures.Core.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Predictions;

public sealed class PredictionJsonTests
{
    private static readonly string Golden = File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Predictions", "golden", "prediction-made-1.json")).TrimEnd();

    [Fact]
    public void A_prediction_is_written_as_the_golden_file_has_it() =>
        Encoding.UTF8.GetString(PredictionJson.Write(Sample.Prediction)).ShouldBe(Golden);

    [Fact]
    public void The_golden_file_reads_back_to_the_same_bits()
    {
        var read = PredictionJson.Read(Encoding.UTF8.GetBytes(Golden));
        read.Features.ShouldBe(Sample.Prediction.Features);
        read.Views.ShouldBe(Sample.Prediction.Views);
        read.Request.Context.ShouldBe(Sample.Prediction.Request.Context);
        read.Fingerprint.ShouldBe(Sample.Prediction.Fingerprint);
        BitConverter.SingleToUInt32Bits(read.Output!.Value).ShouldBe(BitConverter.SingleToUInt32Bits(0.1f));
        Encoding.UTF8.GetString(PredictionJson.Write(read)).ShouldBe(Golden);
    }

    [Fact]
    public void What_is_absent_stays_absent()
    {
        var bare = Sample.Prediction with
        {
            Model = null, Output = null, Fingerprint = null, CorrelationId = null, RequestedBy = null, Views = [], Features = [],
            Route = PredictionRoute.Fallback("view-unavailable", "The view stopped."),
        };
        var read = PredictionJson.Read(PredictionJson.Write(bare));
        read.Model.ShouldBeNull();
        read.Output.ShouldBeNull();
        read.Fingerprint.ShouldBeNull();
        read.Route.ShouldBe(bare.Route);
        read.Route.IsFallback.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    public void Other_bytes_are_refused(string json) =>
        Should.Throw<System.Text.Json.JsonException>(() => PredictionJson.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"card":"4929",""", """{"card":"4929","card":"4930",""")]
    [InlineData("""{"card":"4929",""", """{"card":null,""")]
    [InlineData("""{"model":"fraud",""", """{"model":null,""")]
    public void A_dossier_that_is_none_in_one_place_is_refused(string part, string replacement)
    {
        var bent = Golden.Replace(part, replacement, StringComparison.Ordinal);
        bent.ShouldNotBe(Golden);
        Should.Throw<System.Text.Json.JsonException>(() => PredictionJson.Read(Encoding.UTF8.GetBytes(bent)));
    }
}
