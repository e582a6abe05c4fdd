-- put_lessons --
-- Remembers what runs were taught since, the newest of each.
INSERT OR REPLACE INTO store.lesson (target, verb, subject, entitlement, attribute, kind, wanted, shown, sentence, rules, since)
WITH taught AS (
    SELECT
        target, since, sequence, because ->> '$.verb' AS verb, because ->> '$.subject' AS subject, because ->> '$.entitlement' AS entitlement,
        because ->> '$.kind' AS kind, because ->> '$.sentence' AS sentence, because ->> '$.rules' AS rules,
        unnest(map_entries(from_json(because -> '$.values', '"MAP(VARCHAR, VARCHAR[])"'))) AS value
    FROM journal_fact WHERE kind = 'taught'
)
SELECT target, verb, subject, entitlement, value.key, kind, value.value[1], value.value[2], sentence, rules, since
FROM taught
QUALIFY row_number() OVER (PARTITION BY target, verb, subject, entitlement, value.key ORDER BY sequence DESC) = 1;

-- journal_position --
-- The last entry that was projected: its number, its journal and its mark.
SELECT sequence, journal, mark FROM store.settled ORDER BY sequence DESC LIMIT 1;

-- clear_journal_position --
-- Removes the position, before the next one is set.
DELETE FROM store.settled;

-- set_journal_position --
-- Sets the position; to an earlier one, too, where another journal is followed.
INSERT INTO store.settled (sequence, journal, mark) VALUES ($sequence, $journal, $mark);

-- forget_places_of_snapshots --
-- Takes back how many entries the journal had by each snapshot: it was another journal.
UPDATE store.snapshot SET entry = NULL;

-- make_journal_facts --
-- Entries that are not projected yet: links, memberships, account states, names and lessons.
CREATE OR REPLACE TABLE journal_fact (
    sequence BIGINT, kind VARCHAR, run VARCHAR, target VARCHAR, anchor VARCHAR, account_id VARCHAR, entitlement_id VARCHAR, because VARCHAR, since VARCHAR
);

-- drop_links --
-- Forgets the pairs that were unlinked and not linked to anybody since.
DELETE FROM store.link AS known
USING (
    SELECT unlinked.target, unlinked.anchor, unlinked.account_id
    FROM journal_fact AS unlinked
    WHERE unlinked.kind = 'unlink' AND NOT EXISTS (
        SELECT 1 FROM journal_fact AS later
        WHERE later.kind = 'link' AND later.target = unlinked.target AND later.anchor = unlinked.anchor AND later.sequence > unlinked.sequence
    )
) AS forgotten
WHERE known.target = forgotten.target AND known.anchor = forgotten.anchor AND known.account_id = forgotten.account_id;

-- put_links --
-- Remembers the pairs that were linked: the newest of each person, unless that very pair was unlinked after it.
INSERT OR REPLACE INTO store.link (target, anchor, account_id, run, because)
WITH newest AS (
    SELECT
        target, anchor, max(sequence) AS sequence, arg_max(account_id, sequence) AS account_id, arg_max(run, sequence) AS run,
        arg_max(because, sequence) AS because
    FROM journal_fact WHERE kind = 'link' GROUP BY target, anchor
)
SELECT target, anchor, account_id, run, because FROM newest
WHERE NOT EXISTS (
    SELECT 1 FROM journal_fact AS unlinked
    WHERE unlinked.kind = 'unlink' AND unlinked.target = newest.target AND unlinked.anchor = newest.anchor
        AND unlinked.account_id = newest.account_id AND unlinked.sequence > newest.sequence
);

-- drop_grants --
-- Memberships that this job took again.
DELETE FROM store.granted AS known
USING (
    SELECT target, account_id, entitlement_id FROM journal_fact WHERE kind IN ('grant', 'revoke')
    GROUP BY ALL HAVING arg_max(kind, sequence) = 'revoke'
) AS taken
WHERE known.target = taken.target AND known.account_id = taken.account_id AND known.entitlement_id = taken.entitlement_id;

-- put_grants --
-- Memberships that this job gave, with the rules that granted them.
INSERT OR REPLACE INTO store.granted (target, account_id, entitlement_id, run, rules)
SELECT target, account_id, entitlement_id, arg_max(run, sequence), arg_max(because, sequence)
FROM journal_fact WHERE kind IN ('grant', 'revoke')
GROUP BY target, account_id, entitlement_id HAVING arg_max(kind, sequence) = 'grant';

-- drop_own_suspensions --
-- Accounts that this job suspended or deactivated, and that were made active again or deleted since.
DELETE FROM store.rest AS known
USING (
    SELECT target, account_id FROM journal_fact WHERE kind IN ('suspended', 'deactivated', 'ended')
    GROUP BY ALL HAVING arg_max(kind, sequence) = 'ended'
) AS ended
WHERE known.target = ended.target AND known.account_id = ended.account_id;

-- put_own_suspensions --
-- Accounts that this job suspended or deactivated last, with the snapshot of their system that was the latest then.
INSERT OR REPLACE INTO store.rest (target, account_id, anchor, state, number, since, run)
WITH newest AS (
    SELECT
        target, account_id, arg_max(anchor, sequence) AS anchor, arg_max(kind, sequence) AS state, arg_max(since, sequence) AS since,
        arg_max(run, sequence) AS run
    FROM journal_fact WHERE kind IN ('suspended', 'deactivated', 'ended')
    GROUP BY target, account_id HAVING arg_max(kind, sequence) <> 'ended'
),
latest AS (SELECT system, max(number) AS number FROM store.snapshot GROUP BY system)
SELECT newest.target, newest.account_id, newest.anchor, newest.state, coalesce(latest.number, 0), newest.since, newest.run
FROM newest LEFT JOIN latest ON latest.system = newest.target;

-- drop_names --
-- Forgets the names that no mapping uses any more.
DELETE FROM store.entitlement_name AS known
USING (
    SELECT target, because FROM journal_fact WHERE kind IN ('named', 'unnamed') GROUP BY ALL HAVING arg_max(kind, sequence) = 'unnamed'
) AS unused
WHERE known.target = unused.target AND known.kind || ' ' || known.name = unused.because;

-- put_names --
-- Remembers what names of the mappings mean: the newest of each. The kind stands before the first space.
INSERT OR REPLACE INTO store.entitlement_name (target, kind, name, entitlement_id, run)
SELECT target, split_part(because, ' ', 1), substr(because, strpos(because, ' ') + 1), arg_max(entitlement_id, sequence), arg_max(run, sequence)
FROM journal_fact WHERE kind IN ('named', 'unnamed') AND entitlement_id <> ''
GROUP BY target, because HAVING arg_max(kind, sequence) = 'named';

-- runs_with_size --
-- The runs whose sizes the store knows.
SELECT DISTINCT run FROM store.night;

-- put_run_size --
-- How many operations of one verb a run intended in one target; without a target: that there was a run.
INSERT INTO store.night
SELECT coalesce(max(sequence), 0) + 1, $run, $run_date, $target, $verb, $operations FROM store.night;

-- put_account_notes --
-- What runs learnt since of accounts that no list shows.
INSERT OR REPLACE INTO store.account_note (target, account_id, note)
SELECT target, account_id, arg_max(kind, sequence) FROM journal_fact WHERE kind IN ('found', 'gone') GROUP BY target, account_id;

-- drop_old_answers --
-- Answers that a run has made old: such an account is asked for again.
DELETE FROM store.unlisted AS known
WHERE (known.system, known.id) IN (SELECT (target, account_id) FROM journal_fact WHERE kind IN ('found', 'gone', 'ended', 'deactivated', 'suspended'));
