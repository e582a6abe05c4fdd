-- members_in_doubt --
-- The groups and apps of a system that were read completely for an earlier snapshot, and of which the last read shows fewer members than that had: how many, and who was in them.
WITH doubtful AS (
    SELECT name, rows FROM store.scope_read
    WHERE system = $system AND kind IN ('members', 'assignments') AND NOT complete AND pages > 0
        AND number = (SELECT max(number) FROM store.snapshot WHERE system = $system)
), held AS (
    SELECT entitlement_id, list(DISTINCT account_id ORDER BY account_id) AS accounts FROM store.membership_version
    WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number) GROUP BY entitlement_id
)
SELECT held.entitlement_id, doubtful.rows, held.accounts
FROM doubtful JOIN held ON held.entitlement_id = doubtful.name
WHERE doubtful.rows < len(held.accounts)
ORDER BY held.entitlement_id;
