-- kept_by_leavers --
-- The direct memberships that some leaving accounts hold, which could be taken.
WITH leaver AS MATERIALIZED (
    SELECT account_id FROM leaving_account WHERE account_id IN (SELECT unnest($ids::VARCHAR[]))
),
held AS (
    SELECT account_id, entitlement_id FROM store.membership_version
    WHERE system = $target AND valid_to IS NULL AND via = '' AND account_id IN (SELECT account_id FROM leaver)
    UNION SELECT account_id, entitlement_id FROM role_held WHERE account_id IN (SELECT account_id FROM leaver)
)
SELECT held.account_id, held.entitlement_id, account.login, entitlement.kind, entitlement.name, entitlement.privileged
FROM held
JOIN account ON account.account_id = held.account_id
JOIN entitlement ON entitlement.id = held.entitlement_id
WHERE entitlement.read_only = '' AND held.entitlement_id NOT IN (SELECT entitlement_id FROM frozen_group)
ORDER BY account.login, held.account_id, entitlement.name, held.entitlement_id;
