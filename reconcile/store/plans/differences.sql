-- count_shared --
-- How many operations both plans have.
SELECT count(*) FROM here SEMI JOIN there USING (id);

-- count_only_here --
-- How many operations the first plan alone has.
SELECT count(*) FROM here ANTI JOIN there USING (id);

-- count_only_there --
-- How many operations the second plan alone has.
SELECT count(*) FROM there ANTI JOIN here USING (id);

-- operations_only_here --
-- The operations that the first plan alone has, in its order.
SELECT here.* EXCLUDE (position) FROM here ANTI JOIN there USING (id) ORDER BY here.position;

-- operations_only_there --
-- The operations that the second plan alone has, in its order.
SELECT there.* EXCLUDE (position) FROM there ANTI JOIN here USING (id) ORDER BY there.position;

-- operations_changed --
-- The operations that both plans have and whose account, entitlement or values are written otherwise, of both, in the order of the first.
SELECT here.* EXCLUDE (position), there.* EXCLUDE (position)
FROM here JOIN there USING (id)
WHERE (here.account_id, here.entitlement_id, here.before, here.after)
    IS DISTINCT FROM (there.account_id, there.entitlement_id, there.before, there.after)
ORDER BY here.position;
