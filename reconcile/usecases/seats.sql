-- seat_entitlements --
-- The groups or apps that a name stands for, each with the groups that give it.
SELECT id, coalesce(from_json(json_extract(attributes, '$.groups'), '["VARCHAR"]'), []) AS given_to
FROM store.entitlement_version
WHERE system = $target AND valid_to IS NULL AND kind = $kind AND $name IN (name, 'id:' || id, 'kind:' || type || ':' || name)
ORDER BY id;

-- make_seat_path --
-- Which account holds a place, and through what; empty where the system does not say which group gives it.
CREATE TABLE seat_path AS
WITH held AS (
    SELECT account_id, entitlement_id, via
    FROM store.membership_version
    WHERE system = $target AND valid_to IS NULL
        AND entitlement_id IN (SELECT unnest($entitlements::VARCHAR[]) UNION ALL SELECT unnest($groups::VARCHAR[]))
),
direct AS (
    SELECT DISTINCT account_id, entitlement_id AS path
    FROM held
    WHERE via = '' OR entitlement_id IN (SELECT unnest($groups::VARCHAR[]))
),
inherited AS (SELECT DISTINCT account_id, '' AS path FROM held WHERE via <> '')
SELECT account_id, path FROM direct
UNION ALL
SELECT account_id, path FROM inherited ANTI JOIN direct USING (account_id);

-- seats_of_accounts --
-- How many accounts of a target are not deactivated.
SELECT count(*) FROM store.record_version WHERE system = $target AND valid_to IS NULL AND state <> 'deactivated';

-- seats_in_use --
-- How many of those hold the place.
SELECT count(DISTINCT seat_path.account_id)
FROM seat_path
JOIN store.record_version AS record ON record.system = $target AND record.id = seat_path.account_id AND record.valid_to IS NULL
WHERE record.state <> 'deactivated';

-- seat_paths_of --
-- Through what some accounts hold the place.
SELECT account_id, list(path ORDER BY path) AS paths
FROM seat_path SEMI JOIN (SELECT unnest($ids::VARCHAR[]) AS account_id) USING (account_id)
GROUP BY account_id;

-- accounts_with_a_seat --
-- Those of some accounts that are not deactivated.
SELECT id FROM store.record_version
WHERE system = $target AND valid_to IS NULL AND state <> 'deactivated' AND id IN (SELECT unnest($ids::VARCHAR[]));
