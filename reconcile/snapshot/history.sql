-- records_as_of --
-- The rows of a system as one of its snapshots held them.
SELECT id, state, status, attributes, updated FROM store.record_version
WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
ORDER BY id;

-- memberships_as_of --
-- Who held what when one of its snapshots was taken.
SELECT account_id, entitlement_id, via FROM store.membership_version
WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
ORDER BY entitlement_id, account_id, via;

-- snapshot_at --
-- The snapshot of a system that was the latest at a moment: its number, when it was taken, whether the connector reached another system then, and the journal's last entry by then. None where its rows were removed since.
SELECT number, taken_at, number <= coalesce((SELECT since FROM store.bound_system WHERE system = $system), 0) AS of_another, entry
FROM (SELECT number, taken_at, entry FROM store.snapshot WHERE system = $system AND taken_at <= $moment ORDER BY number DESC LIMIT 1)
WHERE number >= coalesce((SELECT forgotten.number FROM store.forgotten WHERE system = $system), 0);
