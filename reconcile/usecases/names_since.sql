-- names_by_now --
-- The names of some groups and apps of a system in its latest snapshot.
SELECT id, name FROM store.entitlement_version
WHERE system = $system AND valid_to IS NULL AND id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY id;
