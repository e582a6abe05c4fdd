-- make_rests --
-- The accounts of this target that this job suspended or deactivated and nobody touched since: every complete read after that shows them so, or no state at all.
CREATE OR REPLACE TABLE rest AS
WITH ours AS (SELECT account_id, anchor, state, since, number FROM store.rest WHERE target = $target),
complete_read AS (SELECT number FROM store.scope_read WHERE system = $target AND kind = 'accounts' AND complete),
first_read AS (
    SELECT night.number, min(complete_read.number) AS shown
    FROM (SELECT DISTINCT number FROM ours) AS night JOIN complete_read ON complete_read.number > night.number
    GROUP BY night.number
)
SELECT ours.account_id, ours.anchor, ours.state, ours.since, account.state = ours.state AS shown
FROM ours
JOIN account USING (account_id)
LEFT JOIN first_read USING (number)
WHERE (account.state = ours.state OR (account.state = 'unknown' AND ours.state = 'deactivated')) AND NOT EXISTS (
    SELECT 1 FROM store.record_version AS other
    WHERE other.system = $target AND other.id = ours.account_id AND other.state NOT IN (ours.state, 'unknown')
        AND coalesce(other.valid_to > first_read.shown, first_read.shown IS NOT NULL)
);

-- apply_unshown_rests --
-- Where the target shows no state, an account that this job deactivated counts as deactivated.
UPDATE account SET state = 'deactivated' WHERE state = 'unknown' AND account_id IN (SELECT account_id FROM rest WHERE NOT shown);

-- make_vanished --
-- Accounts whose person is proven to be gone from every source, for as many nights as the mapping asks for.
CREATE OR REPLACE TABLE vanished_account (account_id VARCHAR);

-- add_vanished --
-- Those accounts.
INSERT INTO vanished_account SELECT unnest($ids::VARCHAR[]);

-- claimants --
-- The people in the sources who match some accounts that are linked to somebody else.
SELECT candidate.account_id, list(due.shown ORDER BY candidate.anchor) AS people
FROM candidate JOIN due USING (anchor)
WHERE candidate.account_id IN (SELECT unnest($ids::VARCHAR[]))
GROUP BY candidate.account_id ORDER BY candidate.account_id;

-- drop_past --
-- Makes room for the next target.
DROP TABLE IF EXISTS past;

-- drop_past_rows --
-- Makes room for the next source.
DROP TABLE IF EXISTS past_rows;

-- drop_past_anchors --
-- The same.
DROP TABLE IF EXISTS past_anchors;

-- ever_known_columns --
-- The attribute names that the rows of a system ever had.
SELECT list_sort(list(DISTINCT name)) FROM (SELECT unnest(columns) AS name FROM store.snapshot WHERE system = $system);

-- past_rows --
-- Every version of the rows of one source, one text column an attribute; which of them the mapping would count is not asked.
SELECT
    valid_to AS _valid_to, CAST(NULL AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM store.record_version WHERE system = $system;

-- make_past --
-- Whose rows those were.
CREATE TABLE past AS SELECT $system AS system, anchor, _valid_to AS valid_to FROM past_anchors;

-- add_past --
-- The same of the next source.
INSERT INTO past SELECT $system, anchor, _valid_to FROM past_anchors;

-- last_shown --
-- For some people and each source that ever held a row of theirs: the number of the first read without one, NULL where it holds one now.
SELECT anchor, system, CASE WHEN bool_or(valid_to IS NULL) THEN NULL ELSE max(valid_to) END AS gone
FROM past WHERE anchor IN (SELECT unnest($anchors::VARCHAR[]))
GROUP BY anchor, system ORDER BY anchor, system;

-- whole_reads --
-- The reads of some systems that showed all they held, with the content of their files, whatever these were called and dated.
SELECT scope.system, scope.number, any_value(snapshot.taken_at) AS taken_at,
    string_agg(
        CASE WHEN scope.kind = 'file' AND scope.fingerprint <> '' THEN scope.fingerprint ELSE scope.number::VARCHAR END, ' '
        ORDER BY scope.fingerprint
    ) AS content
FROM store.scope_read AS scope JOIN store.snapshot AS snapshot USING (system, number)
WHERE scope.kind IN ('file', 'accounts') AND scope.system IN (SELECT unnest($systems::VARCHAR[]))
GROUP BY scope.system, scope.number
HAVING bool_and(scope.complete AND NOT scope.delta)
ORDER BY scope.system, scope.number;

-- snapshot_times --
-- When each snapshot was taken.
SELECT system, number, taken_at FROM store.snapshot ORDER BY system, number;

-- deletable_accounts --
-- Accounts that this job deactivated and whose person is terminated, or proven to be gone. What may be somebody else's by now is not among them.
SELECT rest.account_id, rest.anchor, rest.since, account.login, situation.situation,
    coalesce(due.name, '') AS name, coalesce(due.state, '') AS state, coalesce(due.life, '') AS life
FROM rest
JOIN account USING (account_id)
JOIN account_situation AS situation ON situation.account_id = rest.account_id AND situation.anchor = rest.anchor
JOIN known_link AS link ON link.account_id = rest.account_id AND link.anchor = rest.anchor
LEFT JOIN due ON due.anchor = rest.anchor
WHERE rest.state = 'deactivated' AND rest.shown AND rest.account_id NOT IN (SELECT account_id FROM candidate) AND (
    (situation.situation = 'UNQUALIFIED' AND due.expected = 'not_due' AND due.state = 'terminated')
    OR (situation.situation = 'SOURCE_MISSING' AND rest.account_id IN (SELECT account_id FROM vanished_account))
)
ORDER BY rest.anchor, rest.account_id;

-- leavers_of_unread_target --
-- Who left and has a linked account that worked when its target was last read.
SELECT CASE WHEN coalesce(person.name, '') = '' THEN person.anchor ELSE person.name || ' (' || person.anchor || ')' END AS who
FROM leaver_name AS person
JOIN store.link AS link ON link.target = $target AND link.anchor = person.anchor
JOIN store.record_version AS account ON account.system = $target AND account.id = link.account_id AND account.valid_to IS NULL
WHERE person.standing = 'terminated' AND account.state IN ('active', 'unknown')
ORDER BY person.anchor;
