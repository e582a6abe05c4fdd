-- wide_copies --
-- The wide copies with what they were made for: one row a system and role.
SELECT system, role, copy, names, hashed, engine, base, number FROM store.wide_copy ORDER BY system, role;

-- drop_wide_copies --
-- Drops every wide copy. The history keeps all they held.
DROP SCHEMA IF EXISTS store.wide CASCADE;

-- make_wide_schema --
-- The schema of the wide copies, which can be dropped as a whole.
CREATE SCHEMA store.wide;

-- forget_wide_copies --
-- Forgets what the dropped copies were made for.
DELETE FROM store.wide_copy;

-- keep_wide_copy --
-- What a copy is made for, and up to which snapshot it is current.
INSERT OR REPLACE INTO store.wide_copy BY NAME
SELECT $system AS system, $role AS role, $copy AS copy, $names::VARCHAR[] AS names, $hashed AS hashed, $engine AS engine, $base AS base, $number AS number;

-- source_records_since --
-- The rows of a source that hold now and began after a snapshot, with the named columns as a structure.
SELECT id, state, status, valid_from, json_transform(attributes, $shape) AS attributes
FROM store.record_version WHERE system = $system AND valid_to IS NULL AND valid_from > $since;

-- target_records_since --
-- The accounts of a target that hold now and began after a snapshot, with the named attributes as a list.
SELECT id, state, status, valid_from, json_extract_string(attributes, $paths::VARCHAR[]) AS attributes
FROM store.record_version WHERE system = $system AND valid_to IS NULL AND valid_from > $since;

-- ended_records --
-- The versions that ended after a snapshot: a copy made then may still hold them.
SELECT id, valid_from FROM store.record_version WHERE system = $system AND valid_to > $base;

-- held_records --
-- How many rows of a system hold now, and a sum over which versions they are.
SELECT count(*), coalesce(bit_xor(hash(id, valid_from)), 0) FROM store.record_version WHERE system = $system AND valid_to IS NULL;

-- engine_version --
-- The engine whose hashes these are: they may differ between its versions.
SELECT version();
