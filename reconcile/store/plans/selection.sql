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
