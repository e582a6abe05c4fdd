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
