using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>A home whose states were written by software that kept them in another format.</summary>
public sealed class OldStateTests : IAsyncLifetime
{
    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("data - 'StateFormat'")]
    [InlineData("jsonb_set(data, '{StateFormat}', '1')")]
    public async Task A_view_whose_states_are_of_another_format_is_rebuilt_from_the_log(string older)
    {
        await PaymentTraffic.AppendAsync(_log, seed: 11, 300, cards: 5);
        string digest;
        await using (var host = await (await Projections.StartAsync(_database, _log)).CaughtUpAsync(_log))
            digest = await host.Batch.DigestAsync(Payments.CardActivity);
        var schema = Projections.Quick.OnlineSchema;
        // Unreadable states too, so that only a rebuild can give the digest.
        await ExecuteAsync($"update {schema}.mt_doc_view_checkpoint set data = {older}");
        await ExecuteAsync($"update {schema}.mt_doc_online_entity set data = jsonb_set(data, '{{State}}', '\"AQ==\"')");

        await using var resumed = await (await Projections.StartAsync(_database, _log)).CaughtUpAsync(_log);

        (await resumed.Batch.DigestAsync(Payments.CardActivity)).ShouldBe(digest);
        resumed.CardActivity().Fault.ShouldBeNull();
        (await ScalarAsync($"select data ->> 'StateFormat' from {schema}.mt_doc_view_checkpoint")).ShouldBe($"{EntityState.FormatVersion}");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        (await command.ExecuteNonQueryAsync()).ShouldBePositive();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
