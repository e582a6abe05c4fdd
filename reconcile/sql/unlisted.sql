-- create_unlisted --
-- Known accounts that the latest list of a system did not show, with the last answer by their id: shown, hidden, gone, or unasked.
CREATE TABLE IF NOT EXISTS store.unlisted (
    system VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    answer VARCHAR NOT NULL
);

-- create_account_note --
-- What runs learnt of accounts that no list shows: found in the way of a creation, or gone.
CREATE TABLE IF NOT EXISTS store.account_note (
    target VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (target, account_id)
);

-- unlisted_accounts --
-- Known accounts that a complete list does not show: linked, found by a run, or named in a decision; with their last version and answer.
WITH wanted AS (
    SELECT account_id FROM store.link WHERE target = $system
    UNION
    SELECT account_id FROM store.account_note WHERE target = $system AND note = 'found'
    UNION
    SELECT unnest($decided::VARCHAR[])
),
last_version AS (
    SELECT id, arg_max(state, valid_from) AS state, arg_max(status, valid_from) AS status, arg_max(attributes, valid_from) AS attributes,
        arg_max(updated, valid_from) AS updated, bool_or(valid_to IS NULL) AS is_open
    FROM store.record_version WHERE system = $system AND id IN (SELECT account_id FROM wanted) GROUP BY id
)
SELECT wanted.account_id, coalesce(rest.state, '') AS ended_as, coalesce(note.note, '') = 'gone' AS known_gone, coalesce(known.answer, '') AS answer,
    old.state, old.status, old.attributes, old.updated, coalesce(old.is_open, false) AS is_open
FROM wanted
LEFT JOIN store.rest AS rest ON rest.target = $system AND rest.account_id = wanted.account_id
LEFT JOIN store.account_note AS note ON note.target = $system AND note.account_id = wanted.account_id
LEFT JOIN store.unlisted AS known ON known.system = $system AND known.id = wanted.account_id
LEFT JOIN last_version AS old ON old.id = wanted.account_id
WHERE wanted.account_id NOT IN (SELECT id FROM staged_record)
    AND wanted.account_id NOT IN (SELECT id FROM staged_quarantined WHERE kind = 'accounts')
ORDER BY wanted.account_id;

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

-- put_account_notes --
-- What runs learnt since of accounts that no list shows.
INSERT OR REPLACE INTO store.account_note (target, account_id, note)
SELECT target, account_id, arg_max(kind, sequence) FROM fact WHERE kind IN ('found', 'gone') GROUP BY target, account_id;

-- drop_old_answers --
-- Answers that a run has made old: such an account is asked for again.
DELETE FROM store.unlisted AS known
WHERE (known.system, known.id) IN (SELECT (target, account_id) FROM fact WHERE kind IN ('found', 'gone', 'ended', 'deactivated', 'suspended'));

-- forget_unlisted --
-- Forgets the answers of a system that is gone.
DELETE FROM store.unlisted WHERE system = $system;

-- forget_account_notes --
-- Forgets what runs learnt there.
DELETE FROM store.account_note WHERE target = $system;
