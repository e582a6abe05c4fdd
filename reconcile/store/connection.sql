-- tried_pattern --
-- Whether a regular expression matches nothing; fails where it is none.
SELECT regexp_matches('', $pattern) AS matches;

-- store_tables --
-- The tables that the attached store has.
SELECT table_name FROM duckdb_tables() WHERE database_name = 'store' ORDER BY table_name;

-- working_catalog --
-- Where working tables are made.
SELECT current_database();

-- copy_of_store --
-- Copies everything that the attached store holds now into a new one: what was deleted stays behind.
COPY FROM DATABASE store TO fresh;
