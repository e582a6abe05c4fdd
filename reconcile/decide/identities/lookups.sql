-- drop_lookup_table --
-- Makes room for the next table.
DROP TABLE IF EXISTS lookup_table;

-- drop_lookup_keys --
-- Makes room for the keys of the next table.
DROP TABLE IF EXISTS lookup_key;

-- add_looked_up --
-- The identities with what the table gives for the key of each.
CREATE OR REPLACE TABLE identity AS
SELECT identity.*, found.* EXCLUDE (_key)
FROM identity
LEFT JOIN lookup_key AS keyed ON keyed.anchor = identity.anchor
LEFT JOIN lookup_table AS found ON found._key = trim(keyed.key);

-- not_looked_up --
-- Keys of people who have not left that are not in the table, with how many people have them.
SELECT trim(keyed.key) AS key, count(*) AS people
FROM lookup_key AS keyed JOIN identity ON identity.anchor = keyed.anchor
WHERE trim(coalesce(keyed.key, '')) <> '' AND identity.state <> 'terminated'
    AND trim(keyed.key) NOT IN (SELECT _key FROM lookup_table)
GROUP BY ALL ORDER BY people DESC, key;
