-- work_classes --
-- How many operations there are by target and what tells their costs apart; `waits`: what they are about does not exist before the run.
SELECT
    target, verb, CASE WHEN verb = 'create' THEN opening ELSE '' END AS opening, entitlement_kind,
    CASE
        WHEN verb IN ('create', 'create_group', 'update_group') THEN false
        WHEN verb = 'delete_group' THEN len(depends_on) > 0
        ELSE account_id = '' OR (verb = 'add_member' AND entitlement_id = '')
    END AS waits,
    count(*) AS operations
FROM operation
GROUP BY ALL
ORDER BY ALL;

-- work_searches --
-- How often an account is searched before one is created, by target and attribute; without a stated key it is searched by the login ('').
SELECT target, attribute, count(*) AS searches
FROM (
    SELECT target, unnest(json_extract_string(absent, '$[*].attribute')) AS attribute
    FROM operation
    WHERE verb = 'create' AND absent <> '[]'
    UNION ALL
    SELECT target, '' AS attribute FROM operation WHERE verb = 'create' AND absent = '[]'
)
GROUP BY ALL
ORDER BY ALL;

-- make_batched_memberships --
-- The memberships of groups that are put together in batches, by the part that is gathered at once: those of one phase of a target, `gathered` at a time. Of a new account the first `most` go along with its creation and are not among them; only the memberships of an account that gains more are numbered.
CREATE OR REPLACE MACRO batched_membership(along, most_along, gathered) AS TABLE
WITH going AS (
    SELECT unnest(along) AS target, unnest(most_along) AS most
), crowded AS (
    SELECT target, anchor, any_value(most) AS most
    FROM operation JOIN going USING (target)
    WHERE verb = 'add_member' AND account_id = '' AND entitlement_kind = 'group'
    GROUP BY target, anchor HAVING count(*) > any_value(most)
), new_membership AS (
    SELECT position, most, row_number() OVER (PARTITION BY target, anchor ORDER BY position) AS number
    FROM operation JOIN crowded USING (target, anchor)
    WHERE verb = 'add_member' AND account_id = '' AND entitlement_kind = 'group'
), membership AS (
    SELECT
        target, verb, position, CASE WHEN entitlement_id = '' THEN entitlement ELSE entitlement_id END AS entitlement,
        CASE WHEN account_id = '' THEN anchor ELSE account_id END AS account,
        verb = 'remove_member' AND (target, account_id) IN (
            SELECT (target, account_id) FROM operation WHERE verb IN ('deactivate', 'suspend', 'delete')
        ) AS leaving
    FROM operation
    WHERE verb IN ('add_member', 'remove_member') AND entitlement_kind = 'group'
        AND (
            verb <> 'add_member' OR account_id <> '' OR target NOT IN (SELECT target FROM going)
            OR (
                EXISTS (FROM crowded WHERE crowded.target = operation.target AND crowded.anchor = operation.anchor)
                AND position NOT IN (SELECT position FROM new_membership WHERE number <= most)
            )
        )
), phase AS (
    SELECT target, verb, leaving, min(position) AS begun FROM membership GROUP BY ALL
)
SELECT target, verb, leaving, (position - begun) // gathered AS part, entitlement, account, position
FROM membership JOIN phase USING (target, verb, leaving);

-- work_batches --
-- How many memberships of one group, of so many members, go together, and how often so many.
WITH batch AS (
    SELECT target, verb, leaving, part, entitlement, count(*) AS memberships
    FROM batched_membership($along::VARCHAR[], $most::BIGINT[], $gathered::BIGINT)
    GROUP BY ALL
), known AS (
    SELECT unnest($targets::VARCHAR[]) AS target, unnest($groups::VARCHAR[]) AS entitlement, unnest($members::BIGINT[]) AS members
)
SELECT target, verb, leaving, memberships, coalesce(members, 0) AS members, count(*) AS batches
FROM batch LEFT JOIN known USING (target, entitlement)
GROUP BY ALL
ORDER BY ALL;

-- work_reads --
-- How many accounts of a batch no earlier batch of the same part has read, and how often so many; what goes alone is not in it.
WITH part AS MATERIALIZED (
    SELECT target, verb, leaving, part, entitlement, account, position
    FROM batched_membership($along::VARCHAR[], $most::BIGINT[], $gathered::BIGINT)
), batch AS (
    SELECT target, verb, leaving, part, entitlement, min(position) AS first FROM part GROUP BY ALL HAVING count(*) > 1
), read AS (
    SELECT target, verb, leaving, part, account, min(first) AS first
    FROM part JOIN batch USING (target, verb, leaving, part, entitlement)
    GROUP BY ALL
), batch_reads AS (
    SELECT target, verb, leaving, part, first, count(*) AS accounts FROM read GROUP BY ALL
)
SELECT target, accounts, count(*) AS batches FROM batch_reads GROUP BY ALL ORDER BY ALL;

-- work_new_members --
-- How many accounts are created together with memberships, by target, where a target takes them so.
SELECT target, count(DISTINCT anchor) AS accounts
FROM operation
WHERE verb = 'add_member' AND account_id = '' AND entitlement_kind = 'group' AND list_contains($along::VARCHAR[], target)
GROUP BY target
ORDER BY target;

-- work_groups --
-- How many groups gain members, by target: of those that are there by their ids, of those that the plan creates by their names.
SELECT
    target, count(DISTINCT entitlement_id) FILTER (WHERE entitlement_id <> '') AS groups,
    count(DISTINCT entitlement) FILTER (WHERE entitlement_id = '') AS new_groups
FROM operation
WHERE verb = 'add_member' AND entitlement_kind = 'group'
GROUP BY target
ORDER BY target;
