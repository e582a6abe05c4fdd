-- copy_of_store --
-- Copies everything that the attached store holds now into a new one: what was deleted stays behind.
COPY FROM DATABASE store TO fresh;

-- newest_schema_version --
-- The version of the schema that the attached store has.
SELECT coalesce(max(number), 0) FROM store.schema_version;

-- set_schema_version --
-- Writes down that the attached store has this version.
INSERT INTO store.schema_version SELECT $number WHERE NOT EXISTS (SELECT 1 FROM store.schema_version WHERE number >= $number);
