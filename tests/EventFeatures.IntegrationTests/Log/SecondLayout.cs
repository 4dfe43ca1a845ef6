namespace EventFeatures.IntegrationTests.Log;

/// <summary>The log's tables as the versions made them that divided the log and did not know runs.</summary>
internal static class SecondLayout
{
    /// <summary>Makes the tables of <see cref="FirstLayout"/>, still empty, into those of the second, with some parts.</summary>
    public static string Sql(int partEvents, int parts) => FormattableString.Invariant(
        $$"""
        ALTER TABLE log.events RENAME TO single;
        CREATE TABLE log.events (LIKE log.single INCLUDING STORAGE) PARTITION BY RANGE (position);
        DROP TABLE log.single;
        ALTER TABLE log.events ALTER COLUMN data DROP NOT NULL, ALTER COLUMN metadata DROP NOT NULL, ADD CONSTRAINT events_position PRIMARY KEY (position);
        CREATE TABLE log.partitions (first bigint PRIMARY KEY, past bigint NOT NULL, filter bytea);
        CREATE TABLE log.layout (version int NOT NULL);
        INSERT INTO log.layout VALUES (2);
        DO $parts$ BEGIN
            FOR number IN 0..{{parts - 1}} LOOP
                EXECUTE format('CREATE TABLE log.events_%1$s (LIKE log.events INCLUDING STORAGE)', number * {{partEvents}});
                EXECUTE format('ALTER TABLE log.events_%1$s ADD CONSTRAINT events_%1$s_position PRIMARY KEY (position)', number * {{partEvents}});
                EXECUTE format('ALTER TABLE log.events_%1$s ADD CONSTRAINT events_%1$s_stream_revision UNIQUE (stream, revision) INCLUDE (event_id)', number * {{partEvents}});
                EXECUTE format('CREATE INDEX events_%1$s_closed ON log.events_%1$s (stream) WHERE revision = 9223372036854775807', number * {{partEvents}});
                EXECUTE format('ALTER TABLE log.events ATTACH PARTITION log.events_%1$s FOR VALUES FROM (%1$s) TO (%2$s)', number * {{partEvents}}, (number + 1) * {{partEvents}});
                INSERT INTO log.partitions (first, past) VALUES (number * {{partEvents}}, (number + 1) * {{partEvents}});
            END LOOP;
        END $parts$;
        """);
}
