using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Systems;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>The stored documents of <see cref="PaymentsSystem"/>'s view, to be damaged as a lost update would.</summary>
internal static class StoredStates
{
    private const string Card = "id = $1 and tenant_id = 'card_activity@v1'";

    /// <summary>A card's document, once all is committed.</summary>
    public static async Task<string> ReadAsync(RunningSystem system, string card)
    {
        var head = await system.Log.ReadHeadAsync() ?? Position.Start;
        await system.Host.Services.GetRequiredService<IBatchViews>().ReadEntityAsync(new ViewReference("card_activity", 1), card, head);
        await using var read = system.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand($"select data::text from views.mt_doc_online_entity where {Card}");
        read.Parameters.Add(new() { Value = card });
        return (string)(await read.ExecuteScalarAsync())!;
    }

    /// <summary>Puts a document in the place of a card's, once all is committed.</summary>
    public static async Task ReplaceAsync(RunningSystem system, string card, string document)
    {
        await ReadAsync(system, card);
        await using var write = system.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand($"update views.mt_doc_online_entity set data = $2::jsonb where {Card}");
        write.Parameters.Add(new() { Value = card });
        write.Parameters.Add(new() { Value = document });
        (await write.ExecuteNonQueryAsync()).ShouldBe(1);
    }
}
