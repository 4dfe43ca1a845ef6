using System.Globalization;
using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>What is in the database of each entity, for whoever looks there with SQL.</summary>
public sealed class OnlineDocumentTests : IAsyncLifetime
{
    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_document_holds_the_entitys_last_event_and_its_values_as_of_its_newest_one()
    {
        await PaymentTraffic.AppendAsync(_log, seed: 21, 400, cards: 6);
        await using (var host = await (await Projections.StartAsync(_database, _log, RestartTests.Cramped)).CaughtUpAsync(_log)) await host.StopAsync();

        var documents = await ReadAsync();
        documents.Count.ShouldBe(6);
        var view = Payments.View();
        foreach (var (card, document) in documents)
        {
            var events = _log.Events.Where(recorded => recorded.StreamId == $"card-{card}").ToList();
            var rows = view.Admit(events).Rows;
            var values = view.Evaluate(rows, rows[^1].OccurredAt);
            document.GetProperty("Id").GetString().ShouldBe(card);
            // What breaks the contract leaves the state as it is.
            var last = events.Last(recorded => view.Read(recorded) is Core.FeatureViews.RowReading.Row);
            (document.GetProperty("LastPosition").GetUInt64(), document.GetProperty("LastRevision").GetInt64()).ShouldBe((last.Position.Value, last.Revision));
            document.GetProperty("AsOfMicroseconds").GetInt64().ShouldBe(rows[^1].OccurredAt.Microseconds);
            document.GetProperty("Values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString()).ShouldBe(
                view.View.Features.Select((feature, i) => KeyValuePair.Create(feature.Name, values[i].Value.IsNull ? null : values[i].Value.ToString())), ignoreOrder: true);
            view.ReadState(document.GetProperty("State").GetBytesFromBase64()).TryEvaluate(rows[^1].OccurredAt).ShouldBe(values);
        }
    }

    [Fact]
    public async Task Changed_documents_of_more_than_is_sent_together_are_all_there()
    {
        const int Cards = 60;
        var country = new string('x', 20_000);
        for (var round = 0; round < 2; round++)
        {
            for (var card = 0; card < Cards; card++)
                await _log.AppendToStreamAsync($"card-{card}", StreamState.Any, [Payments.Payment(card, Payments.Noon + new Duration(round), country, points: round)]);
            // Another run each time, so that the second one changes what the first one wrote, as one batch.
            await using var host = await (await Projections.StartAsync(_database, _log, Projections.Quick with { CommitDelayMax = TimeSpan.FromSeconds(5) })).CaughtUpAsync(_log);
            await host.StopAsync();
        }

        var documents = await ReadAsync();
        documents.Values.Sum(document => document.GetRawText().Length).ShouldBeGreaterThan(2 << 20);
        documents.Select(document => (document.Key, document.Value.GetProperty("LastPosition").GetUInt64(), document.Value.GetProperty("Values").GetProperty("points").GetString()))
            .ShouldBe(
                Enumerable.Range(0, Cards).Select(card => (card.ToString(CultureInfo.InvariantCulture), _log.Events.Last(recorded => recorded.StreamId == $"card-{card}").Position.Value, (string?)"1")),
                ignoreOrder: true);
    }

    private async Task<Dictionary<string, JsonElement>> ReadAsync()
    {
        await using var command = _database.Source.CreateCommand($"select id, data::text from {Projections.Quick.OnlineSchema}.mt_doc_online_entity");
        await using var reader = await command.ExecuteReaderAsync();
        var documents = new Dictionary<string, JsonElement>();
        while (await reader.ReadAsync()) documents.Add(reader.GetString(0), JsonElement.Parse(reader.GetString(1)));
        return documents;
    }
}
