-- bound_system --
-- The system that the rows of a connector came from.
SELECT id, address, since, known_accounts FROM store.bound_system WHERE system = $system;

-- bound_systems --
-- The same for every connector.
SELECT system, id, address FROM store.bound_system ORDER BY system;

-- source_rows --
-- The rows of one source as they hold now, one text column an attribute, with the clock and what the system says of the row beside them.
SELECT
    id AS _record_id, $rank::BIGINT AS _rank, CAST($run_date AS DATE) AS run_date,
    id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM store.record_version
WHERE system = $system AND valid_to IS NULL;

-- unclear_rows --
-- The number of source rows and reads that do not say whom they are about: while there are any, it is not proven that an account is unmatched.
SELECT (SELECT count(*) FROM row_problem) + (SELECT count(*) FROM doubtful_source) + (
    SELECT count(*) FROM store.quarantined
    WHERE system IN (SELECT source FROM lifecycle_rule)
        AND (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
);

-- stage_records --
-- Rows of one system as they are read, before it is known whether they are all there.
CREATE OR REPLACE TABLE staged_record (
    id VARCHAR, state VARCHAR, status VARCHAR, attributes VARCHAR, updated VARCHAR
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

-- open_records --
-- Versions that began: rows that are new or changed.
INSERT INTO store.record_version BY NAME
SELECT $system AS system, id, state, status, attributes, updated, $number AS valid_from, NULL AS valid_to
FROM staged_record AS new
WHERE NOT EXISTS (
    SELECT 1 FROM store.record_version AS old WHERE old.system = $system AND old.id = new.id AND old.valid_to IS NULL
)
ORDER BY id;

-- make_key_core --
-- What is left of a key without case, punctuation, spaces, a prefix of letters and leading zeros; the key without case where that is nothing.
CREATE OR REPLACE MACRO key_core(id) AS coalesce(nullif(
    regexp_replace(regexp_replace(lower(nfc_normalize(id)), '[^\p{L}\p{N}]', '', 'g'), '^\p{L}*0*', ''), ''
), lower(id));

-- keep_scopes --
-- The scopes of this snapshot, for good.
INSERT INTO store.scope_read BY NAME
SELECT $system AS system, $number AS number, * FROM staged_scope ORDER BY kind, name;

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
    $open_ended AS open_ended, $entry AS entry;

-- latest_snapshots --
-- The latest snapshot of every system.
SELECT system, max(number) AS number, arg_max(digest, number) AS digest, arg_max(taken_at, number) AS taken_at
FROM store.snapshot GROUP BY system ORDER BY system;

-- known_columns --
-- The attribute names that the rows of a system had when it was last read.
SELECT arg_max(columns, number) FROM store.snapshot WHERE system = $system HAVING count(*) > 0;

-- people_known_as --
-- The anchors of the people who are known by a word: by their anchor, by the id of a row of theirs, else by any value they have. What holds
-- the anchors of others, such as that of a manager, names nobody.
WITH listed AS (SELECT anchor, json_extract_string(to_json(identity), '$.*') AS values FROM identity),
valued AS MATERIALIZED (
    SELECT anchor, generate_subscripts(values, 1) AS position, lower(unnest(values)) AS value FROM listed
    WHERE list_contains(list_transform(values, lambda value: lower(value)), lower($who))
),
stated AS (
    SELECT listed.anchor, asked.position, listed.values[asked.position] AS value
    FROM listed, (SELECT DISTINCT position FROM valued WHERE value = lower($who)) AS asked
),
referring AS (
    SELECT DISTINCT position FROM stated WHERE value <> anchor AND value IN (SELECT anchor FROM identity)
),
named AS (
    SELECT anchor, 1 AS rank FROM identity WHERE lower(anchor) = lower($who)
    UNION ALL
    SELECT identity, 1 AS rank FROM alias WHERE lower(anchor) = lower($who)
    UNION ALL
    SELECT anchor, 2 AS rank FROM known WHERE lower(_record_id) = lower($who)
    UNION ALL
    SELECT anchor, 3 AS rank FROM valued WHERE value = lower($who) AND position NOT IN (SELECT position FROM referring)
)
SELECT DISTINCT anchor FROM named WHERE rank = (SELECT min(rank) FROM named) ORDER BY anchor;

-- accounts_known_as --
-- The accounts of the targets that are known by a word: by their id, their login or their e-mail address.
SELECT system, id, coalesce(json_extract_string(attributes, $login_path), id) AS login
FROM store.record_version
WHERE system = $system AND valid_to IS NULL AND lower($who) IN (
    lower(id), lower(json_extract_string(attributes, $login_path)), lower(json_extract_string(attributes, $email_path))
) ORDER BY id;

-- linked_known_as --
-- Remembered pairs by anchor, of people who are missing from all sources.
SELECT target, anchor, account_id FROM store.link
WHERE lower(anchor) = lower($who)
    AND NOT EXISTS (SELECT 1 FROM identity WHERE lower(identity.anchor) = lower($who))
    AND NOT EXISTS (SELECT 1 FROM alias WHERE lower(alias.anchor) = lower($who))
    AND NOT EXISTS (SELECT 1 FROM known WHERE lower(known.anchor) = lower($who) OR lower(known._record_id) = lower($who))
ORDER BY target, anchor, account_id;

-- person --
-- One identity.
SELECT * FROM identity WHERE anchor = $anchor;
