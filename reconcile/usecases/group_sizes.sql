-- large_groups --
-- The groups with more members than so many, in the newest snapshots, and how many. Only what can be held through something else can be held twice.
WITH counted AS MATERIALIZED (
    SELECT system, entitlement_id, count(*) AS members, count_if(via <> '') > 0 AS inherited
    FROM store.membership_version
    WHERE valid_to IS NULL
    GROUP BY system, entitlement_id
    HAVING count(*) > $more
)
SELECT system, entitlement_id, members FROM counted WHERE NOT inherited
UNION ALL
SELECT system, entitlement_id, count(DISTINCT account_id) AS members
FROM store.membership_version SEMI JOIN (FROM counted WHERE inherited) USING (system, entitlement_id)
WHERE valid_to IS NULL
GROUP BY system, entitlement_id
HAVING count(DISTINCT account_id) > $more
ORDER BY system, entitlement_id;
