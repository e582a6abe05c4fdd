-- depending_operations --
-- The operations that depend on some others, directly or through others, without those.
WITH RECURSIVE need AS MATERIALIZED (
    SELECT id, unnest(depends_on) AS needed FROM operation
), stopped AS (
    SELECT unnest($ids::VARCHAR[]) AS id
    UNION
    SELECT need.id FROM need JOIN stopped ON need.needed = stopped.id
)
SELECT id FROM stopped WHERE id NOT IN (SELECT unnest($ids::VARCHAR[])) ORDER BY id;

-- first_ids_of_target --
-- The first ids of the operations of one target.
SELECT id FROM operation WHERE target = $target ORDER BY id LIMIT $count;

-- steps_of_endings --
-- What else a plan takes from the accounts whose use some operations end, by the operation that ends it.
SELECT step.id, ending.id AS ending
FROM operation AS step
JOIN operation AS ending ON ending.target = step.target AND ending.account_id = step.account_id
WHERE ending.id IN (SELECT unnest($ids::VARCHAR[])) AND ending.verb IN ('deactivate', 'suspend', 'delete') AND ending.account_id <> ''
    AND step.verb IN ('remove_member', 'revoke_sessions')
ORDER BY step.id;
