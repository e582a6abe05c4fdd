-- twin_accounts --
-- The accounts of a target as they hold now.
SELECT id, state, status, attributes, updated FROM store.record_version WHERE system = $system AND valid_to IS NULL ORDER BY id;

-- twin_entitlements --
-- Its groups and apps.
SELECT id, kind, name, attributes, read_only, privileged, updated, coalesce(type, '') AS type
FROM store.entitlement_version WHERE system = $system AND valid_to IS NULL ORDER BY id;

-- twin_memberships --
-- Who holds them.
SELECT account_id, entitlement_id, via FROM store.membership_version
WHERE system = $system AND valid_to IS NULL ORDER BY entitlement_id, account_id, via;

-- bind_twin --
-- From now on the rows of a target are those of its twin.
UPDATE store.bound_system SET id = '', address = $address WHERE system = $system;
