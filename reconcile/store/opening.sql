-- rows_and_usable_memory --
-- The rows of the history in the attached store, and the bytes that DuckDB may take by default. It asks no list of tables: the first one costs a connection more than attaching the store.
SELECT (SELECT count(*) FROM store.record_version), parse_formatted_bytes(current_setting('memory_limit'))::BIGINT;
