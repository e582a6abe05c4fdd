-- repeated_record_ids --
-- Ids that came more than once in one read: such a read is not believed.
SELECT id, count(*) AS times FROM staged_record GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 5;

-- repeated_entitlement_ids --
-- The same for groups, apps and roles, each with its kind.
SELECT id, count(*) AS times FROM staged_entitlement GROUP BY id, kind HAVING count(*) > 1 ORDER BY id, kind LIMIT 5;

-- scope_memberships --
-- How many memberships, and how many different ones, each members scope of this read gave.
SELECT scope, count(*) AS rows, count(DISTINCT account_id) AS distinct_ids FROM staged_membership GROUP BY scope ORDER BY scope;
