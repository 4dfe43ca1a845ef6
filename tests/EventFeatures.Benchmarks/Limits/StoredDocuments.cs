using Npgsql;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>A view's documents as they lie in the database, for limits that shall write the same.</summary>
internal static class StoredDocuments
{
    /// <summary>The JSON of at most so many entities, by their ids; of those that are committed.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(string connectionString, string view, int countMax)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        await using var command = new NpgsqlCommand("select id, convert_to(data::text, 'UTF8') from views.mt_doc_online_entity where tenant_id = $1 limit $2", connection)
        { Parameters = { new() { Value = view }, new() { Value = countMax } } };
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var documents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (await reader.ReadAsync().ConfigureAwait(false)) documents.Add(reader.GetString(0), reader.GetFieldValue<byte[]>(1));
        return documents;
    }
}
