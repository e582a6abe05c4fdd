-- is_frozen --
-- Whether the members of a group are not known.
SELECT count(*) > 0 FROM frozen_group WHERE entitlement_id = $entitlement_id;

-- add_projected_members --
-- Members that one group has now and keeps. Only an account that somebody should have counts, and one whose end was rejected; what comes through another group stays in any case.
INSERT INTO projected_member
SELECT DISTINCT $target, $name, situation.anchor, ''
FROM store.membership_version AS member JOIN identity_situation AS situation ON situation.account_id = member.account_id
WHERE member.system = $target AND member.valid_to IS NULL AND member.entitlement_id = $entitlement_id
    AND ((situation.situation IN ('CONFIRMED', 'FOUND') AND situation.expected IN ('active', 'suspended')) OR member.account_id IN (SELECT unnest($kept::VARCHAR[])))
    AND NOT (member.via = '' AND member.account_id IN (SELECT unnest($removed::VARCHAR[])));

-- add_projected_source_members --
-- Members of one group of a source of people by its last read: the people of whom the member is a row.
INSERT INTO projected_member
SELECT DISTINCT $system, $name, known.anchor, ''
FROM store.membership_version AS member
JOIN known ON known._record_id = member.account_id
JOIN lifecycle_rule AS rule ON rule.rank = known._rank AND rule.source = $system
WHERE member.system = $system AND member.valid_to IS NULL AND member.entitlement_id = $entitlement_id;

-- add_undecided_people --
-- People who wait in this target, whose account is ambiguous, or whose account is gone and not created again.
INSERT INTO undecided_person
SELECT DISTINCT $target, anchor FROM (
    SELECT unnest($blocked::VARCHAR[]) AS anchor
    UNION ALL
    SELECT anchor FROM identity_situation
    WHERE expected = 'on_hold' OR situation IN ('AMBIGUOUS', 'FOUND_ALREADY_LINKED')
        OR (situation = 'MISSING' AND anchor NOT IN (SELECT unnest($created::VARCHAR[])))
);

-- add_projected_bulk_members --
-- The people whom the plan adds to one group, each with the operation that does.
INSERT INTO projected_member
SELECT $target, $name, person.anchor,
    left(sha256($target || chr(31) || 'add_member' || chr(31) || person.anchor || chr(31) || item.given_id), 12) AS needs
FROM bulk_operation JOIN bulk_person AS person USING (person) JOIN bulk_entitlement AS item USING (item)
WHERE item.given_id = $entitlement_id;
