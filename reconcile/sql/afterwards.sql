-- make_afterwards --
-- Who will be in a group of another target after this plan; `needs` is the operation that this rests on, empty where it is so already.
CREATE OR REPLACE TABLE held_after (target VARCHAR, name VARCHAR, anchor VARCHAR, needs VARCHAR);

-- make_unclear_after --
-- The people of whom that cannot be said: something about them is to be decided first.
CREATE OR REPLACE TABLE unclear_after (target VARCHAR, anchor VARCHAR);

-- groups_looked_at --
-- The groups of the target that was decided last which exist under a name, and whether their members are not known.
SELECT known.id, frozen.entitlement_id IS NOT NULL AS frozen
FROM known_entitlement AS known LEFT JOIN frozen_group AS frozen ON frozen.entitlement_id = known.id
WHERE known.kind = 'group' AND known.name = $name AND NOT starts_with(known.id, chr(31))
ORDER BY known.id;

-- add_held_after --
-- Who is in one group now and stays. Only an account that somebody should have counts; what comes through another group stays in any case.
INSERT INTO held_after
SELECT DISTINCT $target, $name, situation.anchor, ''
FROM store.membership_version AS member JOIN identity_situation AS situation ON situation.account_id = member.account_id
WHERE member.system = $target AND member.valid_to IS NULL AND member.entitlement_id = $entitlement_id
    AND situation.situation IN ('CONFIRMED', 'FOUND') AND situation.expected IN ('due', 'away')
    AND NOT (member.via = '' AND member.account_id IN (SELECT unnest($removed::VARCHAR[])));

-- add_unclear_after --
-- People who wait in this target, whose account could not be told, or whose account is gone and not created again.
INSERT INTO unclear_after
SELECT DISTINCT $target, anchor FROM (
    SELECT unnest($barred::VARCHAR[]) AS anchor
    UNION ALL
    SELECT anchor FROM identity_situation
    WHERE expected = 'held' OR situation IN ('AMBIGUOUS', 'FOUND_ALREADY_LINKED')
        OR (situation = 'MISSING' AND anchor NOT IN (SELECT unnest($created::VARCHAR[])))
);

-- judge_elsewhere --
-- Of the people whom a rule's condition concerns: who is in one of the groups that it looks at, and of whom that cannot be said.
CREATE OR REPLACE TABLE grant_results AS
WITH asked AS (SELECT unnest($targets::VARCHAR[]) AS target, unnest($names::VARCHAR[]) AS name),
held AS (
    SELECT anchor, CASE WHEN bool_or(needs = '') THEN '' ELSE min(needs) END AS needs
    FROM held_after JOIN asked USING (target, name)
    WHERE (target, anchor) NOT IN (SELECT (target, anchor) FROM unclear_after)
    GROUP BY anchor
),
unclear AS (SELECT DISTINCT anchor FROM unclear_after WHERE target IN (SELECT target FROM asked))
SELECT result.* EXCLUDE (granted),
    CASE
        WHEN result.granted IS DISTINCT FROM 'true' THEN 'false'
        WHEN $doubtful THEN 'maybe'
        WHEN held.anchor IS NOT NULL THEN 'true'
        WHEN unclear.anchor IS NOT NULL THEN 'maybe'
        ELSE 'false'
    END AS granted,
    coalesce(held.needs, '') AS needs
FROM grant_results AS result
LEFT JOIN held ON held.anchor = result.anchor
LEFT JOIN unclear ON unclear.anchor = result.anchor;

-- make_resting --
-- Grants that rest on an operation in another target.
CREATE OR REPLACE TABLE resting_row (anchor VARCHAR, entitlement_id VARCHAR, rule VARCHAR, needs VARCHAR);

-- make_maybe --
-- Grants of which it cannot be said whether they hold: nothing is given for them, and nothing taken.
CREATE OR REPLACE TABLE maybe_row (anchor VARCHAR, entitlement_id VARCHAR);

-- add_named_resting --
-- Those of a rule that names its entitlement.
INSERT INTO resting_row SELECT anchor, $entitlement_id, $rule, needs FROM grant_results WHERE granted = 'true' AND needs <> '';

-- add_named_maybe --
-- The same for what cannot be said.
INSERT INTO maybe_row SELECT anchor, $entitlement_id FROM grant_results WHERE granted = 'maybe';

-- add_computed_resting --
-- Those of a rule that computes its group's name.
INSERT INTO resting_row
SELECT result.anchor, known.id, $rule, result.needs
FROM grant_results AS result JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'true' AND result.needs <> '';

-- add_computed_maybe --
-- The same for what cannot be said.
INSERT INTO maybe_row
SELECT result.anchor, known.id
FROM grant_results AS result JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'maybe';

-- people_in_doubt --
-- How many of the people who should have an account wait for what is to be decided elsewhere, and the first of them.
SELECT count(*), list(due.shown ORDER BY due.anchor)[1:3]
FROM grant_results AS result JOIN due USING (anchor)
WHERE result.granted = 'maybe' AND due.expected IN ('due', 'away');
