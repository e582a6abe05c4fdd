-- bind_system --
-- Binds a connector's rows to a system; what the system called itself before stays where it does not say so now.
INSERT INTO store.bound_system VALUES ($system, $id, $address, 0, true)
ON CONFLICT (system) DO UPDATE SET
    id = CASE WHEN excluded.id = '' THEN bound_system.id ELSE excluded.id END, address = excluded.address, known_accounts = true;

-- drop_unsupported --
-- Deletes the capabilities that a target lacked at its last read.
DELETE FROM store.unsupported WHERE system = $system;

-- add_unsupported --
-- One capability that a target states it does not have.
INSERT INTO store.unsupported VALUES ($system, $capability, $reason);

-- stage_entitlements --
-- The same for entitlements.
CREATE OR REPLACE TABLE staged_entitlement (
    id VARCHAR, kind VARCHAR, name VARCHAR, attributes VARCHAR, read_only VARCHAR, privileged BOOLEAN, updated VARCHAR, type VARCHAR
);

-- stage_memberships --
-- The same for memberships, with the scope they came from.
CREATE OR REPLACE TABLE staged_membership (
    scope VARCHAR, account_id VARCHAR, entitlement_id VARCHAR, via VARCHAR
);

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

-- close_changed_records --
-- The same for a delta and for a partial read: rows that are not in it say nothing, so only rows that came changed end their version.
UPDATE store.record_version AS old
SET valid_to = $number
FROM staged_record AS new
WHERE old.system = $system AND old.valid_to IS NULL AND new.id = old.id AND (
    new.attributes <> old.attributes OR new.state <> old.state OR new.status <> old.status OR new.updated <> old.updated
);

-- drop_unseen --
-- The rows that the read before kept without having seen them.
DELETE FROM store.unseen WHERE system = $system;

-- keep_unseen --
-- Rows that a partial read neither showed nor named: whether they are gone is not known, because one of its nameless records may be theirs.
INSERT INTO store.unseen BY NAME
SELECT $system AS system, id FROM store.record_version AS old
WHERE old.system = $system AND old.valid_to IS NULL
    AND NOT EXISTS (SELECT 1 FROM staged_record AS new WHERE new.id = old.id)
    AND NOT EXISTS (SELECT 1 FROM staged_quarantined AS unread WHERE unread.id = old.id)
ORDER BY id;

-- close_entitlements --
-- Entitlements that changed or are gone.
UPDATE store.entitlement_version AS old
SET valid_to = $number
WHERE old.system = $system AND old.valid_to IS NULL AND NOT EXISTS (
    SELECT 1 FROM staged_entitlement AS new
    WHERE new.id = old.id AND new.kind = old.kind AND new.name = old.name AND new.attributes = old.attributes
        AND new.read_only = old.read_only AND new.privileged = old.privileged AND new.updated = old.updated
        AND new.type = coalesce(old.type, '')
);

-- close_changed_entitlements --
-- The same for a delta.
UPDATE store.entitlement_version AS old
SET valid_to = $number
FROM staged_entitlement AS new
WHERE old.system = $system AND old.valid_to IS NULL AND new.id = old.id AND (
    new.kind <> old.kind OR new.name <> old.name OR new.attributes <> old.attributes OR new.read_only <> old.read_only
    OR new.privileged <> old.privileged OR new.updated <> old.updated OR new.type <> coalesce(old.type, '')
);

-- open_entitlements --
-- Entitlements that are new or changed.
INSERT INTO store.entitlement_version BY NAME
SELECT $system AS system, id, kind, name, attributes, read_only, privileged, updated, type, $number AS valid_from, NULL AS valid_to
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
        EXISTS (SELECT 1 FROM staged_scope WHERE kind = 'entitlements')
        AND NOT EXISTS (SELECT 1 FROM staged_scope WHERE kind = 'entitlements' AND (NOT complete OR delta))
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

-- last_whole_read --
-- When a system was last read whole and complete, and up to which moment its records are known since.
SELECT
    arg_max(taken_at, number) FILTER (WHERE NOT scope.delta) AS whole_at,
    coalesce(arg_max(scope.watermark, number) FILTER (WHERE scope.watermark <> ''), '') AS watermark,
    max(number) AS number
FROM store.scope_read AS scope JOIN store.snapshot USING (system, number)
WHERE scope.system = $system AND scope.kind = 'accounts' AND scope.complete
    AND number > coalesce((SELECT since FROM store.bound_system WHERE system = $system), 0);

-- latest_doubts --
-- How many scopes of the latest read of a system were not complete.
SELECT count(*) FROM store.scope_read
WHERE system = $system AND NOT complete AND number = (SELECT max(number) FROM store.snapshot WHERE system = $system);

-- carry_scopes --
-- After a delta the members of a group that did not change are as they were: the system says when they change. Their proof stays.
INSERT INTO store.scope_read BY NAME
SELECT
    system, $number AS number, kind, name, complete, reason, 0 AS pages, rows, distinct_ids, declared_total, watermark, 0.0 AS seconds,
    true AS delta, fingerprint
FROM store.scope_read
WHERE system = $system AND number = $number - 1 AND kind IN ('members', 'assignments')
    AND name NOT IN (SELECT name FROM store.scope_read WHERE system = $system AND number = $number AND kind IN ('members', 'assignments'))
    AND name IN (SELECT id FROM store.entitlement_version WHERE system = $system AND valid_to IS NULL)
ORDER BY kind, name;

-- keep_quarantined --
-- The unusable records of this snapshot, for good.
INSERT INTO store.quarantined BY NAME
SELECT $system AS system, $number AS number, * FROM staged_quarantined ORDER BY kind, name, position;

-- record_columns --
-- The attribute names that the rows of a system have.
SELECT coalesce(list_sort(list(DISTINCT name)), []) FROM (
    SELECT unnest(json_keys(attributes)) AS name FROM store.record_version WHERE system = $system AND valid_to IS NULL
);

-- stage_unlisted --
-- The answers of this read.
CREATE OR REPLACE TABLE staged_unlisted (id VARCHAR, answer VARCHAR);

-- drop_unlisted --
-- Answers about accounts that are listed again; where the list is complete, every answer of before.
DELETE FROM store.unlisted WHERE system = $system AND ($complete OR id IN (SELECT id FROM staged_record));

-- keep_unlisted --
-- The answers that count from now on.
INSERT INTO store.unlisted BY NAME SELECT $system AS system, id, answer FROM staged_unlisted ORDER BY id;

-- drop_account_notes --
-- An account that is shown is not gone.
DELETE FROM store.account_note WHERE target = $system AND note = 'gone' AND account_id IN (SELECT id FROM staged_record);
