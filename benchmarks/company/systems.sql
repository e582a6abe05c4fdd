-- put_groups --
-- The groups that were read.
INSERT INTO store.entitlement_version BY NAME
SELECT 'okta' AS system, id, 'group' AS kind, name, '{}' AS attributes, '' AS read_only, false AS privileged, '' AS updated, 1 AS valid_from, NULL AS valid_to
FROM groups ORDER BY id;

-- put_snapshots --
-- The two nights.
INSERT INTO store.snapshot BY NAME
SELECT system, number, '2026-11-2' || number || 'T02:00:00.000+00:00' AS taken_at, md5(system || number) AS digest,
    CASE WHEN system = 'okta' THEN [] ELSE (
        SELECT json_keys(attributes) FROM store.record_version AS row WHERE row.system = named.system LIMIT 1
    ) END AS columns, system = 'okta' AS open_ended
FROM (VALUES ('workers'), ('contractors'), ('okta')) AS named(system), (VALUES (1), (2)) AS nights(number);

-- put_scopes --
-- Each of them whole.
INSERT INTO store.scope_read BY NAME
WITH read AS (
    SELECT 'workers' AS system, 'file' AS kind, 'workers.csv' AS name UNION ALL SELECT 'contractors', 'file', 'contractors.csv'
    UNION ALL SELECT 'okta', 'accounts', '' UNION ALL SELECT 'okta', 'entitlements', '' UNION ALL SELECT 'okta', 'members', id FROM groups
)
SELECT system, number, kind, name, true AS complete, '' AS reason, 1 AS pages, 1 AS rows, 1 AS distinct_ids, NULL AS declared_total,
    '' AS watermark, 1.0 AS seconds, false AS delta, '' AS fingerprint
FROM read, (VALUES (1), (2)) AS nights(number);

-- put_systems --
-- Which systems the rows are of.
INSERT INTO store.bound_system BY NAME
SELECT system, system AS id, '' AS address, 0 AS since, true AS known_accounts FROM (VALUES ('workers'), ('contractors'), ('okta')) AS named(system);
