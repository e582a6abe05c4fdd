-- looked_up --
-- What the table gives for the key of each person.
SELECT keyed.anchor, found.* EXCLUDE (_key)
FROM lookup_key AS keyed JOIN lookup_table AS found ON found._key = trim(keyed.key);

-- not_looked_up --
-- Keys of people who have not left that are not in the table, with how many people have them.
SELECT trim(keyed.key) AS key, count(*) AS people
FROM lookup_key AS keyed JOIN merged_identity AS identity ON identity.anchor = keyed.anchor
WHERE trim(coalesce(keyed.key, '')) <> '' AND identity.state <> 'terminated'
    AND trim(keyed.key) NOT IN (SELECT _key FROM lookup_table)
GROUP BY ALL ORDER BY people DESC, key;
