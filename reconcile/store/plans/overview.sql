-- operation_impacts --
-- How many operations and different accounts there are, by target and verb; an operation that names neither account nor person counts as one.
SELECT
    target,
    verb,
    sum(operations)::BIGINT AS operations,
    (count(*) FILTER (WHERE account_id <> '' OR anchor <> '')
        + coalesce(sum(operations) FILTER (WHERE account_id = '' AND anchor = ''), 0))::BIGINT AS accounts
FROM (
    SELECT target, verb, account_id, CASE WHEN account_id = '' THEN anchor ELSE '' END AS anchor, count(*) AS operations
    FROM operation
    GROUP BY ALL
)
GROUP BY target, verb
ORDER BY target, verb;

-- operation_classes --
-- The classes of operations that are alike, and how many operations each has.
SELECT
    target, verb, situation, rule, entitlement_id, entitlement, entitlement_kind, privileged,
    verb = 'remove_member' AND (target, account_id) IN (
        SELECT (target, account_id) FROM operation WHERE verb IN ('deactivate', 'suspend', 'delete')
    ) AS with_account,
    count(*) AS operations
FROM operation
GROUP BY ALL
ORDER BY ALL;

-- change_classes --
-- The changes that the updates or renames of one target make, and how many make each.
SELECT before, after, count(*) AS operations FROM operation WHERE target = $target AND verb = $verb GROUP BY ALL ORDER BY ALL;

-- unusual_first --
-- Positions of operations of one target and verb, without memberships that go with their account: privileged first, then what few are like.
WITH own AS NOT MATERIALIZED (
    SELECT
        position, privileged, situation, rule,
        CASE WHEN verb IN ('update', 'rename') THEN '' WHEN entitlement_id = '' THEN entitlement ELSE entitlement_id END AS entitlement,
        CASE WHEN verb IN ('update', 'rename') THEN before ELSE '' END AS before,
        CASE WHEN verb IN ('update', 'rename') THEN after ELSE '' END AS after
    FROM operation
    WHERE target = $target AND verb = $verb AND NOT (
        verb = 'remove_member' AND account_id IN (
            SELECT account_id FROM operation WHERE target = $target AND verb IN ('deactivate', 'suspend', 'delete')
        )
    )
), tally AS (
    SELECT situation, rule, entitlement, before, after, count(*) AS alike FROM own GROUP BY ALL
)
SELECT position
FROM own JOIN tally USING (situation, rule, entitlement, before, after)
ORDER BY NOT privileged, alike, position
LIMIT $count OFFSET $from;

-- operations_at --
-- The operations at some positions, with their position, in the order of the file.
SELECT * EXCLUDE (file_row_number) FROM operation WHERE position IN (SELECT unnest($positions::BIGINT[])) ORDER BY position;

-- account_endings --
-- Of some accounts, the last operation that ends the use of each.
SELECT account_id, arg_max(id, position) AS ending
FROM operation
WHERE target = $target AND verb IN ('deactivate', 'suspend', 'delete') AND account_id IN (SELECT unnest($accounts::VARCHAR[]))
GROUP BY account_id
ORDER BY account_id;

-- memberships_lost --
-- The removals of memberships of some accounts, with their position, in the order of the file.
SELECT * EXCLUDE (file_row_number) FROM operation
WHERE target = $target AND verb = 'remove_member' AND account_id IN (SELECT unnest($accounts::VARCHAR[]))
ORDER BY position;

-- privileged_operations --
-- The operations about entitlements that give power over their system, with their position, in the order of the file.
SELECT * EXCLUDE (file_row_number) FROM operation WHERE privileged;

-- people_ended --
-- How many people lose the use of an account; an account of an unknown person counts as one.
SELECT count(*) FROM (
    SELECT DISTINCT
        anchor,
        CASE WHEN anchor = '' THEN target ELSE '' END AS target,
        CASE WHEN anchor <> '' THEN '' WHEN account_id = '' THEN id ELSE account_id END AS account
    FROM operation
    WHERE verb IN ('deactivate', 'suspend', 'delete')
);

-- first_ended --
-- What ends the use of accounts of the first so many people, with its position, in the order of the file.
WITH ending AS NOT MATERIALIZED (
    SELECT
        position,
        anchor AS person,
        CASE WHEN anchor = '' THEN target ELSE '' END AS place,
        CASE WHEN anchor <> '' THEN '' WHEN account_id = '' THEN id ELSE account_id END AS account
    FROM operation
    WHERE verb IN ('deactivate', 'suspend', 'delete')
), shown AS (
    SELECT person, place, account FROM ending GROUP BY ALL ORDER BY min(position) LIMIT $people
)
SELECT * EXCLUDE (file_row_number) FROM operation
WHERE position IN (SELECT position FROM ending SEMI JOIN shown USING (person, place, account))
ORDER BY position;
