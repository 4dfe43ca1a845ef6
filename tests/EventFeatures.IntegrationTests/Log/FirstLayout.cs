using EventFeatures.Log.EmbeddedNode.Storage;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>The log's tables as the first version made them.</summary>
internal static class FirstLayout
{
    public const string Sql =
        """
        CREATE SCHEMA IF NOT EXISTS log;
        CREATE TABLE IF NOT EXISTS log.events (
            position bigint NOT NULL,
            revision bigint NOT NULL,
            created timestamptz NOT NULL,
            event_id uuid NOT NULL,
            is_json boolean NOT NULL,
            stream text COLLATE "C" NOT NULL,
            type text COLLATE "C" NOT NULL,
            data bytea NOT NULL,
            metadata bytea NOT NULL,
            CONSTRAINT events_position PRIMARY KEY (position),
            CONSTRAINT events_stream_revision UNIQUE (stream, revision) INCLUDE (event_id)
        );
        CREATE TABLE IF NOT EXISTS log.links (
            link text COLLATE "C" PRIMARY KEY,
            through bigint NOT NULL,
            count bigint NOT NULL
        );
        CREATE TABLE IF NOT EXISTS log.link_chunks (
            link text COLLATE "C" NOT NULL,
            chunk bigint NOT NULL,
            positions bigint[] NOT NULL,
            PRIMARY KEY (link, chunk)
        );
        ALTER TABLE log.events ALTER COLUMN data SET STORAGE EXTERNAL, ALTER COLUMN metadata SET STORAGE EXTERNAL;
        """;

    /// <summary>A digest of all events.</summary>
    public const string Digest = $"SELECT md5(string_agg(md5(({EventRow.Columns})::text), '' ORDER BY position)) FROM log.events";

    /// <summary>Events of seven streams.</summary>
    public static string Fill(int events) => FormattableString.Invariant(
        $$"""
        INSERT INTO log.events
        SELECT p, (p - 1) / 7, now(), gen_random_uuid(), true, 'card-' || (p - 1) % 7, 'Tested', convert_to('{"number": ' || p || '}', 'UTF8'), ''
        FROM generate_series(1, {{events}}) p
        """);
}
