-- stage_records --
-- Rows of one system as they are read, before it is known whether they are all there.
CREATE OR REPLACE TABLE staged_record (
    id VARCHAR, state VARCHAR, status VARCHAR, attributes VARCHAR, updated VARCHAR
);

-- stage_entitlements --
-- The same for entitlements.
CREATE OR REPLACE TABLE staged_entitlement (
    id VARCHAR, kind VARCHAR, name VARCHAR, attributes VARCHAR, read_only VARCHAR, privileged BOOLEAN, updated VARCHAR
);

-- stage_memberships --
-- The same for memberships, with the scope they came from.
CREATE OR REPLACE TABLE staged_membership (
    scope VARCHAR, account_id VARCHAR, entitlement_id VARCHAR, via VARCHAR
);

-- stage_scopes --
-- The scopes of this read with their verdicts.
CREATE OR REPLACE TABLE staged_scope (
    kind VARCHAR, name VARCHAR, complete BOOLEAN, reason VARCHAR, pages BIGINT, rows BIGINT, distinct_ids BIGINT,
    declared_total BIGINT, watermark VARCHAR, seconds DOUBLE
);

-- stage_quarantined --
-- The records of this read that cannot be used.
CREATE OR REPLACE TABLE staged_quarantined (
    kind VARCHAR, name VARCHAR, position VARCHAR, id VARCHAR, reason VARCHAR, raw VARCHAR
);

-- latest_number --
-- The number of the latest snapshot of a system, 0 before the first.
SELECT coalesce(max(number), 0) FROM store.snapshot WHERE system = $system;

-- repeated_record_ids --
-- Ids that came more than once in one read: such a read is not believed.
SELECT id, count(*) AS times FROM staged_record GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 5;

-- scope_memberships --
-- How many memberships, and how many different ones, each members scope of this read gave.
SELECT scope, count(*) AS rows, count(DISTINCT account_id) AS distinct_ids FROM staged_membership GROUP BY scope ORDER BY scope;

-- close_records --
-- Versions that ended: rows of a completely read system that changed or are gone, except those held back with a reason.
UPDATE store.record_version AS old
SET valid_to = $number
WHERE old.system = $system AND old.valid_to IS NULL AND NOT EXISTS (
    SELECT 1 FROM staged_record AS new
    WHERE new.id = old.id AND new.attributes = old.attributes AND new.state = old.state
        AND new.status = old.status AND new.updated = old.updated
) AND NOT EXISTS (
    SELECT 1 FROM staged_quarantined AS held
    WHERE held.id = old.id AND held.kind IN ('file', 'accounts')
        AND NOT EXISTS (SELECT 1 FROM staged_record AS new WHERE new.id = old.id)
);

-- open_records --
-- Versions that began: rows that are new or changed.
INSERT INTO store.record_version BY NAME
SELECT $system AS system, id, state, status, attributes, updated, $number AS valid_from, NULL AS valid_to
FROM staged_record AS new
WHERE NOT EXISTS (
    SELECT 1 FROM store.record_version AS old WHERE old.system = $system AND old.id = new.id AND old.valid_to IS NULL
)
ORDER BY id;

-- close_entitlements --
-- Entitlements that changed or are gone.
UPDATE store.entitlement_version AS old
SET valid_to = $number
WHERE old.system = $system AND old.valid_to IS NULL AND NOT EXISTS (
    SELECT 1 FROM staged_entitlement AS new
    WHERE new.id = old.id AND new.kind = old.kind AND new.name = old.name AND new.attributes = old.attributes
        AND new.read_only = old.read_only AND new.privileged = old.privileged AND new.updated = old.updated
);

-- open_entitlements --
-- Entitlements that are new or changed.
INSERT INTO store.entitlement_version BY NAME
SELECT $system AS system, id, kind, name, attributes, read_only, privileged, updated, $number AS valid_from, NULL AS valid_to
FROM staged_entitlement AS new
WHERE NOT EXISTS (
    SELECT 1 FROM store.entitlement_version AS old WHERE old.system = $system AND old.id = new.id AND old.valid_to IS NULL
)
ORDER BY id;

-- close_memberships --
-- Memberships that ended: only in scopes that were read completely, and in entitlements that are proven gone.
UPDATE store.membership_version AS old
SET valid_to = $number
WHERE old.system = $system AND old.valid_to IS NULL AND (
    (
        old.entitlement_id IN (SELECT name FROM staged_scope WHERE kind IN ('members', 'assignments') AND complete)
        AND NOT EXISTS (
            SELECT 1 FROM staged_membership AS new
            WHERE new.account_id = old.account_id AND new.entitlement_id = old.entitlement_id AND new.via = old.via
        )
    )
    OR (
        EXISTS (SELECT 1 FROM staged_scope WHERE kind = 'entitlements' AND complete)
        AND NOT EXISTS (SELECT 1 FROM staged_entitlement AS held WHERE held.id = old.entitlement_id)
    )
);

-- open_memberships --
-- Memberships that are new, of scopes that were read completely.
INSERT INTO store.membership_version BY NAME
SELECT DISTINCT $system AS system, account_id, entitlement_id, via, $number AS valid_from, NULL::BIGINT AS valid_to
FROM staged_membership AS new
WHERE new.scope IN (SELECT name FROM staged_scope WHERE kind IN ('members', 'assignments') AND complete)
    AND NOT EXISTS (
        SELECT 1 FROM store.membership_version AS old
        WHERE old.system = $system AND old.account_id = new.account_id AND old.entitlement_id = new.entitlement_id
            AND old.via = new.via AND old.valid_to IS NULL
    )
ORDER BY entitlement_id, account_id, via;

-- keep_scopes --
-- The scopes of this snapshot, for good.
INSERT INTO store.scope_read BY NAME
SELECT $system AS system, $number AS number, * FROM staged_scope ORDER BY kind, name;

-- keep_quarantined --
-- The unusable records of this snapshot, for good.
INSERT INTO store.quarantined BY NAME
SELECT $system AS system, $number AS number, * FROM staged_quarantined ORDER BY kind, name, position;

-- record_columns --
-- The attribute names that the rows of a system have.
SELECT coalesce(list_sort(list(DISTINCT name)), []) FROM (
    SELECT unnest(json_keys(attributes)) AS name FROM store.record_version WHERE system = $system AND valid_to IS NULL
);

-- content_digest --
-- What a system held, as one digest that does not depend on the order it was read in or on when.
WITH row_digests AS (
    SELECT md5(concat_ws(chr(31), 'record', id, state, status, attributes)) AS digest
    FROM store.record_version WHERE system = $system AND valid_to IS NULL
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'entitlement', id, kind, name, read_only, privileged))
    FROM store.entitlement_version WHERE system = $system AND valid_to IS NULL
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'membership', account_id, entitlement_id, via))
    FROM store.membership_version WHERE system = $system AND valid_to IS NULL
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'scope', kind, CASE WHEN kind = 'file' THEN '' ELSE name END, complete)) FROM staged_scope
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'quarantined', kind, id, reason)) FROM staged_quarantined
)
SELECT coalesce(sha256(string_agg(digest, '' ORDER BY digest)), sha256('')) FROM row_digests;

-- keep_snapshot --
-- The snapshot itself; with this row it counts.
INSERT INTO store.snapshot BY NAME
SELECT $system AS system, $number AS number, $taken_at AS taken_at, $digest AS digest, $columns::VARCHAR[] AS columns;

-- latest_snapshots --
-- The latest snapshot of every system.
SELECT system, max(number) AS number, arg_max(digest, number) AS digest, arg_max(taken_at, number) AS taken_at
FROM store.snapshot GROUP BY system ORDER BY system;

-- known_columns --
-- The attribute names that the rows of a system had when it was last read.
SELECT arg_max(columns, number) FROM store.snapshot WHERE system = $system HAVING count(*) > 0;

-- all_known_columns --
-- The same for every system.
SELECT system, arg_max(columns, number) FROM store.snapshot GROUP BY system ORDER BY system;

-- latest_scopes --
-- What the latest read of every system covered.
SELECT system, kind, name, complete, rows, reason
FROM store.scope_read
WHERE (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
ORDER BY system, kind, name;

-- latest_quarantined --
-- The unusable records of the latest read of every system.
SELECT system, kind, name, position, id, reason
FROM store.quarantined
WHERE (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
ORDER BY system, kind, name, id, reason, position;
