-- tried_pattern --
-- Whether a regular expression matches nothing; fails where it is none.
SELECT regexp_matches('', $pattern) AS matches;

-- working_catalog --
-- Where working tables are made.
SELECT current_database();

-- copy_of_store --
-- Copies everything that the attached store holds now into a new one: what was deleted stays behind.
COPY FROM DATABASE store TO fresh;

-- newest_schema_version --
-- The version of the schema that the attached store has.
SELECT coalesce(max(number), 0) FROM store.schema_version;

-- set_schema_version --
-- Writes down that the attached store has this version.
INSERT INTO store.schema_version SELECT $number WHERE NOT EXISTS (SELECT 1 FROM store.schema_version WHERE number >= $number);

-- rows_and_usable_memory --
-- The rows of the history in the attached store, about, and the bytes that DuckDB may take by default.
SELECT coalesce((SELECT sum(estimated_size) FROM duckdb_tables() WHERE database_name = 'store' AND table_name = 'record_version'), 0)::BIGINT,
    parse_formatted_bytes(current_setting('memory_limit'))::BIGINT;
