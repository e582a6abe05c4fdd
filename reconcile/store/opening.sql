-- rows_and_usable_memory --
-- The rows of the history in the attached store, about, and the bytes that DuckDB may take by default.
SELECT coalesce((SELECT sum(estimated_size) FROM duckdb_tables() WHERE database_name = 'store' AND table_name = 'record_version'), 0)::BIGINT,
    parse_formatted_bytes(current_setting('memory_limit'))::BIGINT;
