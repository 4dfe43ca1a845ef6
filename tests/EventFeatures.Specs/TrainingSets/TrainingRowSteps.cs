using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Core.Time;
using EventFeatures.Specs.Predictions;
using EventFeatures.Specs.Running;
using EventFeatures.Testing.Gherkin;
using Parquet.Serialization;
using Shouldly;

namespace EventFeatures.Specs.TrainingSets;

/// <summary>Training sets, read back from the files that they are.</summary>
[Binding]
public sealed class TrainingRowSteps(Office office, Decisions decisions)
{
    private readonly Registry.RegistryClient _registry = new(office.Channel);
    private BuildTrainingSetRequest _request = new();
    private TrainingSet _built = new();

    private sealed record Wanted(int Card, Instant Time);

    private sealed record Expected(Instant Time, long Payments, decimal Spent);

    [When("training rows are built:")]
    public Task WhenBuilt(DataTable rows) => BuildAsync(rows, Knowledge.Recorded);

    [When("training rows are built with hindsight:")]
    public Task WhenBuiltWithHindsight(DataTable rows) => BuildAsync(rows, Knowledge.Latest);

    [When("training rows are built from the recorded decisions")]
    public Task WhenBuiltFromDecisions() => BuildAsync(new BuildTrainingSetRequest { Service = "fraud@v1", FromPredictionsOf = office.Model });

    [Then("the training rows are:")]
    public async Task ThenRowsAre(DataTable rows)
    {
        var found = (await RowsAsync()).Select(row => new Expected(
            TimeOf(row), Convert.ToInt64(row["card_activity__count_24h"], CultureInfo.InvariantCulture), Convert.ToDecimal(row["card_activity__sum_24h"], CultureInfo.InvariantCulture)));

        found.ShouldBe(rows.CreateSet<Expected>());
    }

    [Then("no row leaks")]
    public void ThenNoRowLeaks()
    {
        _built.RowsChecked.ShouldBe(_built.Rows);
        _built.Leaks.ShouldBe(0, _built.FirstFinding);
        _built.Mismatches.ShouldBe(0, _built.FirstFinding);
        _built.Hindsight.ShouldBeFalse();
    }

    [Then("the training set is marked as hindsight")]
    public void ThenMarked()
    {
        _built.Hindsight.ShouldBeTrue();
        _built.ManifestJson.ShouldContain("hindsight");
    }

    [Then("the training row of that decision holds the facts that it saw, bit for bit")]
    public async Task ThenRowHoldsFacts()
    {
        var row = (await RowsAsync()).ShouldHaveSingleItem();
        // The reader leaves nulls out.
        foreach (var feature in decisions.Last.Features) Bits(row.GetValueOrDefault(feature.Name)).ShouldBe(Bits(feature.Value.AsObject()), feature.Name);
    }

    [Then("building them again gives the same file and the same manifest, by digest")]
    public async Task ThenSameFile()
    {
        var first = _built;
        await BuildAsync(_request);
        (_built.FileDigest, _built.Digest).ShouldBe((first.FileDigest, first.Digest));
    }

    private Task BuildAsync(DataTable rows, Knowledge knowledge) => BuildAsync(new BuildTrainingSetRequest
    {
        Service = "fraud@v1",
        Knowledge = knowledge,
        KnownAt = office.Position,
        Spine =
        {
            rows.CreateSet<Wanted>().Select(row => new SpineRow
            {
                Entities = { ["card"] = office.Card(row.Card) }, Time = row.Time.ToString(), Context = { ["amount"] = new Value { Number = 1 } },
            }),
        },
    });

    private async Task BuildAsync(BuildTrainingSetRequest request)
    {
        _request = request;
        _built = await _registry.BuildTrainingSetAsync(request);
    }

    private async Task<IReadOnlyList<Dictionary<string, object>>> RowsAsync()
    {
        await using var file = File.OpenRead(_built.Path);
        return [.. (await ParquetSerializer.DeserializeUntypedAsync(file)).Data];
    }

    private static Instant TimeOf(Dictionary<string, object> row) =>
        Instant.FromDateTimeOffset(new DateTimeOffset(DateTime.SpecifyKind((DateTime)row["time"], DateTimeKind.Utc)));

    private static object? Bits(object? value) => value switch
    {
        double number => BitConverter.DoubleToInt64Bits(number),
        float number => BitConverter.DoubleToInt64Bits(number),
        decimal number => number / 1.0000000000000000000000000000m,
        _ => value,
    };
}
