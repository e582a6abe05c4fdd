-- stage_records --
-- Rows of one system as they are read, before it is known whether they are all there.
CREATE OR REPLACE TABLE staged_record (
    id VARCHAR, state VARCHAR, status VARCHAR, attributes VARCHAR, updated VARCHAR
);

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

-- stage_scopes --
-- The scopes of this read with their verdicts.
CREATE OR REPLACE TABLE staged_scope (
    kind VARCHAR, name VARCHAR, complete BOOLEAN, partial BOOLEAN, reason VARCHAR, pages BIGINT, rows BIGINT, distinct_ids BIGINT,
    declared_total BIGINT, watermark VARCHAR, seconds DOUBLE, delta BOOLEAN, fingerprint VARCHAR
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

-- previous_scope --
-- The last whole and complete read of one scope: how many rows it had, without repeats in a file, and what its pages were.
SELECT CASE WHEN kind = 'file' THEN distinct_ids ELSE rows END AS rows, fingerprint, name FROM store.scope_read
WHERE system = $system AND kind = $kind AND (name = $name OR kind = 'file') AND complete AND NOT delta
    AND number > coalesce((SELECT since FROM store.bound_system WHERE system = $system), 0)
ORDER BY number DESC, name <> $name, name LIMIT 1;

-- make_key_core --
-- What is left of a key without case, punctuation, spaces, a prefix of letters and leading zeros; the key without case where that is nothing.
CREATE OR REPLACE MACRO key_core(id) AS coalesce(nullif(
    regexp_replace(regexp_replace(lower(nfc_normalize(id)), '[^\p{L}\p{N}]', '', 'g'), '^\p{L}*0*', ''), ''
), lower(id));

-- make_gone_rows --
-- The rows that are known of a system and that its read neither shows nor names.
CREATE OR REPLACE TABLE gone_row AS
SELECT id FROM store.record_version AS old
WHERE old.system = $system AND old.valid_to IS NULL
    AND NOT EXISTS (SELECT 1 FROM staged_record AS new WHERE new.id = old.id)
    AND NOT EXISTS (SELECT 1 FROM staged_quarantined AS unread WHERE unread.id = old.id AND unread.kind IN ('file', 'accounts'));

-- gone_rows --
-- How many rows are known of the system, and how many of them are gone.
SELECT count(*), (SELECT count(*) FROM gone_row) FROM store.record_version WHERE system = $system AND valid_to IS NULL;

-- respelt_rows --
-- How many rows are gone of which a new one has the key in another spelling, and the first such pair.
WITH new_row AS (
    SELECT id FROM staged_record AS new
    WHERE NOT EXISTS (SELECT 1 FROM store.record_version AS old WHERE old.system = $system AND old.valid_to IS NULL AND old.id = new.id)
),
pair AS (
    SELECT gone.id AS gone, min(new.id) AS new
    FROM (SELECT id, key_core(id) AS core FROM gone_row) AS gone
    JOIN (SELECT id, key_core(id) AS core FROM new_row) AS new ON new.core = gone.core
    GROUP BY gone.id
)
SELECT count(*), coalesce(min(gone), ''), coalesce(arg_min(new, gone), '') FROM pair;

-- previous_watermark --
-- What the file whose rows were taken over last was current to, whether or not it could show who is gone, among those that were current to no later than a moment.
SELECT watermark, name FROM store.scope_read
WHERE system = $system AND kind = 'file' AND (complete OR partial) AND NOT delta AND watermark <> '' AND watermark <= $latest
    AND number > coalesce((SELECT since FROM store.bound_system WHERE system = $system), 0)
ORDER BY number DESC, name <> $name, watermark DESC, name LIMIT 1;

-- missing_sentinels --
-- Who should be in every complete read and is not in this one.
SELECT wanted FROM (SELECT unnest($names::VARCHAR[]) AS wanted) AS sentinel
WHERE NOT EXISTS (
    SELECT 1 FROM staged_record AS record
    WHERE lower(sentinel.wanted) IN (
        lower(record.id), lower(json_extract_string(record.attributes, '$.login')), lower(json_extract_string(record.attributes, '$.userName')),
        lower(json_extract_string(record.attributes, '$.email')), lower(json_extract_string(record.attributes, '$."emails.work"'))
    )
) ORDER BY wanted;

-- missing_member_sentinels --
-- Who should be in every complete read of a group's members and is not in this one.
SELECT wanted FROM (SELECT unnest($names::VARCHAR[]) AS wanted) AS sentinel
WHERE NOT EXISTS (
    SELECT 1 FROM staged_membership AS member JOIN staged_record AS record ON record.id = member.account_id
    WHERE member.entitlement_id = $entitlement_id AND lower(sentinel.wanted) IN (
        lower(record.id), lower(json_extract_string(record.attributes, '$.login')), lower(json_extract_string(record.attributes, '$.userName')),
        lower(json_extract_string(record.attributes, '$.email')), lower(json_extract_string(record.attributes, '$."emails.work"'))
    )
) ORDER BY wanted;

-- staged_groups --
-- The entitlements of this read by name, by kind and name, or by id.
WITH wanted AS (SELECT unnest($names::VARCHAR[]) AS name)
SELECT wanted.name, staged.id FROM wanted JOIN staged_entitlement AS staged
    ON wanted.name IN (staged.name, 'id:' || staged.id, 'kind:' || staged.type || ':' || staged.name)
ORDER BY wanted.name, staged.id;

-- staged_groups_once_named --
-- The groups of this read that had a name in an earlier one and have another now: id and name.
SELECT DISTINCT staged.id, staged.name
FROM store.entitlement_version AS before JOIN staged_entitlement AS staged ON staged.id = before.id AND staged.kind = before.kind
WHERE before.system = $system AND before.name <> staged.name AND $name IN (before.name, 'kind:' || before.type || ':' || before.name)
ORDER BY staged.name, staged.id;

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

-- records_as_of --
-- The rows of a system as one of its snapshots held them.
SELECT id, state, status, attributes, updated FROM store.record_version
WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
ORDER BY id;

-- memberships_as_of --
-- Who held what when one of its snapshots was taken.
SELECT account_id, entitlement_id, via FROM store.membership_version
WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
ORDER BY entitlement_id, account_id, via;

-- snapshot_at --
-- The number of the snapshot of a system that was the latest at a moment.
SELECT max(number) FROM store.snapshot WHERE system = $system AND taken_at <= $moment;

-- keep_scopes --
-- The scopes of this snapshot, for good.
INSERT INTO store.scope_read BY NAME
SELECT $system AS system, $number AS number, * FROM staged_scope ORDER BY kind, name;

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

-- content_digest --
-- What a system held, as one digest that does not depend on the order it was read in or on when.
WITH row_digests AS (
    SELECT md5(concat_ws(chr(31), 'record', id, state, status, attributes)) AS digest
    FROM store.record_version WHERE system = $system AND valid_to IS NULL
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'entitlement', id, kind, name, read_only, privileged, nullif(type, '')))
    FROM store.entitlement_version WHERE system = $system AND valid_to IS NULL
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'membership', account_id, entitlement_id, via))
    FROM store.membership_version WHERE system = $system AND valid_to IS NULL
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'scope', kind, CASE WHEN kind = 'file' THEN '' ELSE name END, CASE WHEN partial THEN 'partial' ELSE complete::VARCHAR END))
    FROM store.scope_read WHERE system = $system AND number = $number
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'unseen', id)) FROM store.unseen WHERE system = $system
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'unlisted', id, answer)) FROM store.unlisted WHERE system = $system
    UNION ALL
    SELECT md5(concat_ws(chr(31), 'quarantined', kind, id, reason)) FROM staged_quarantined
)
SELECT coalesce(sha256(string_agg(digest, '' ORDER BY digest)), sha256('')) FROM row_digests;

-- keep_snapshot --
-- The snapshot itself; with this row it counts.
INSERT INTO store.snapshot BY NAME
SELECT $system AS system, $number AS number, $taken_at AS taken_at, $digest AS digest, $columns::VARCHAR[] AS columns,
    $open_ended AS open_ended;

-- latest_snapshots --
-- The latest snapshot of every system.
SELECT system, max(number) AS number, arg_max(digest, number) AS digest, arg_max(taken_at, number) AS taken_at
FROM store.snapshot GROUP BY system ORDER BY system;

-- known_columns --
-- The attribute names that the rows of a system had when it was last read.
SELECT arg_max(columns, number) FROM store.snapshot WHERE system = $system HAVING count(*) > 0;

-- all_known_columns --
-- The same for every system, and whether its rows may have others.
SELECT system, arg_max(columns, number), arg_max(open_ended, number) FROM store.snapshot GROUP BY system ORDER BY system;

-- latest_scopes --
-- What the latest read of every system covered.
SELECT system, kind, name, complete, coalesce(partial, false) AS partial, rows, reason
FROM store.scope_read
WHERE (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
ORDER BY system, kind, name;

-- latest_quarantined --
-- The unusable records of the latest read of every system.
SELECT system, kind, name, position, id, reason
FROM store.quarantined
WHERE (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
ORDER BY system, kind, name, id, reason, position;
