-- large_groups --
-- The groups with more members than so many, in the newest snapshots, and how many.
SELECT system, entitlement_id, count(DISTINCT account_id) AS members
FROM store.membership_version
WHERE valid_to IS NULL
GROUP BY ALL
HAVING count(DISTINCT account_id) > $more
ORDER BY ALL;
