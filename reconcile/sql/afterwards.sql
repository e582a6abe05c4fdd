-- make_afterwards --
-- Who will be in a group of another target after this plan; `needs` is the operation that this rests on, empty where it is so already.
CREATE OR REPLACE TABLE held_after (target VARCHAR, name VARCHAR, anchor VARCHAR, needs VARCHAR);

-- make_unclear_after --
-- The people of whom that cannot be said: something about them is to be decided first.
CREATE OR REPLACE TABLE unclear_after (target VARCHAR, anchor VARCHAR);

-- is_frozen --
-- Whether the members of a group are not known.
SELECT count(*) > 0 FROM frozen_group WHERE entitlement_id = $entitlement_id;

-- add_held_after --
-- Who is in one group now and stays. Only an account that somebody should have counts; what comes through another group stays in any case.
INSERT INTO held_after
SELECT DISTINCT $target, $name, situation.anchor, ''
FROM store.membership_version AS member JOIN identity_situation AS situation ON situation.account_id = member.account_id
WHERE member.system = $target AND member.valid_to IS NULL AND member.entitlement_id = $entitlement_id
    AND situation.situation IN ('CONFIRMED', 'FOUND') AND situation.expected IN ('due', 'away')
    AND NOT (member.via = '' AND member.account_id IN (SELECT unnest($removed::VARCHAR[])));

-- add_held_in_source --
-- Who is in one group of a source of people by its last read: the people of whom the member is a row.
INSERT INTO held_after
SELECT DISTINCT $system, $name, known.anchor, ''
FROM store.membership_version AS member
JOIN known ON known._record_id = member.account_id
JOIN lifecycle_rule AS rule ON rule.rank = known._rank AND rule.source = $system
WHERE member.system = $system AND member.valid_to IS NULL AND member.entitlement_id = $entitlement_id;

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

-- make_elsewhere_members --
-- Who is in one of some groups of other systems (`member`), with the operation that this rests on; the others are those of whom it cannot be said.
CREATE OR REPLACE TABLE elsewhere_member AS
WITH asked AS (SELECT unnest($targets::VARCHAR[]) AS target, unnest($names::VARCHAR[]) AS name),
held AS (
    SELECT anchor, CASE WHEN bool_or(needs = '') THEN '' ELSE min(needs) END AS needs
    FROM held_after JOIN asked USING (target, name)
    WHERE (target, anchor) NOT IN (SELECT (target, anchor) FROM unclear_after)
    GROUP BY anchor
),
unclear AS (SELECT DISTINCT anchor FROM unclear_after WHERE target IN (SELECT target FROM asked))
SELECT anchor, held.anchor IS NOT NULL AS member, coalesce(held.needs, '') AS needs
FROM held FULL JOIN unclear USING (anchor);

-- judge_elsewhere --
-- Of the people whom a rule's condition concerns: who is in one of the groups that it looks at, and of whom that cannot be said.
CREATE OR REPLACE TABLE grant_results AS
SELECT result.* EXCLUDE (granted),
    CASE
        WHEN result.granted IS DISTINCT FROM 'true' THEN 'false'
        WHEN elsewhere.member THEN 'true'
        WHEN $doubtful OR elsewhere.anchor IS NOT NULL THEN 'maybe'
        ELSE 'false'
    END AS granted,
    coalesce(elsewhere.needs, '') AS needs
FROM grant_results AS result LEFT JOIN elsewhere_member AS elsewhere USING (anchor);

-- narrow_who --
-- Of the people who should have an account by the expression: who is in one of the groups that the target looks at, and of whom that cannot be said.
CREATE OR REPLACE TABLE who AS
SELECT who.* EXCLUDE (qualifies),
    CASE
        WHEN who.qualifies IS DISTINCT FROM 'true' OR elsewhere.member THEN who.qualifies
        WHEN $doubtful OR elsewhere.anchor IS NOT NULL THEN 'maybe'
        ELSE 'false'
    END AS qualifies
FROM who LEFT JOIN elsewhere_member AS elsewhere USING (anchor);

-- undecided_people --
-- How many people are frozen in this target because it cannot be said whether they are in one of the groups, how many of them have an account there, and the first of them.
SELECT count(*), count(account_id), coalesce(list(due.shown ORDER BY due.anchor)[1:3], [])
FROM due JOIN identity_situation AS situation USING (anchor)
WHERE due.undecided;

-- entitled_by_operation --
-- Of some people: the operation in another target by which they come into a group that the target looks at.
SELECT anchor, needs FROM elsewhere_member
WHERE member AND needs <> '' AND anchor IN (SELECT unnest($anchors::VARCHAR[])) ORDER BY anchor;

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
