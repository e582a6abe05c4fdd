-- make_forgettable_records --
-- The closed versions of accounts that no reader needs: another version of the account is newer, no suspension of ours looks back at it, and it ended before the snapshot of the moment.
CREATE OR REPLACE TABLE forgettable_record AS
WITH in_force AS (SELECT system, max(number) AS number FROM store.snapshot WHERE taken_at <= $moment GROUP BY system),
newest AS (SELECT system, id, max(valid_from) AS valid_from FROM store.record_version GROUP BY system, id)
SELECT version.system, version.id, version.valid_from
FROM store.record_version AS version
JOIN in_force ON in_force.system = version.system AND version.valid_to <= in_force.number
JOIN newest ON newest.system = version.system AND newest.id = version.id AND version.valid_from < newest.valid_from
WHERE version.system IN (SELECT unnest($targets::VARCHAR[]))
    AND NOT EXISTS (SELECT 1 FROM store.rest WHERE rest.target = version.system AND rest.account_id = version.id);

-- make_forgettable_memberships --
-- The memberships that ended before the snapshot of the moment.
CREATE OR REPLACE TABLE forgettable_membership AS
WITH in_force AS (SELECT system, max(number) AS number FROM store.snapshot WHERE taken_at <= $moment GROUP BY system)
SELECT version.system, version.account_id, version.entitlement_id, version.via, version.valid_from
FROM store.membership_version AS version
JOIN in_force ON in_force.system = version.system AND version.valid_to <= in_force.number
WHERE version.system IN (SELECT unnest($targets::VARCHAR[]));

-- forgettable_counts --
-- How many versions of accounts and of memberships those are.
SELECT (SELECT count(*) FROM forgettable_record), (SELECT count(*) FROM forgettable_membership);

-- remember_forgotten --
-- Writes down from which snapshot on it can still be told what each of those targets held.
INSERT OR REPLACE INTO store.forgotten BY NAME
SELECT system, max(number) AS number FROM store.snapshot
WHERE taken_at <= $moment AND system IN (SELECT system FROM forgettable_record UNION SELECT system FROM forgettable_membership)
GROUP BY system;

-- forget_records --
-- Removes those of accounts.
DELETE FROM store.record_version AS version USING forgettable_record AS old
WHERE version.system = old.system AND version.id = old.id AND version.valid_from = old.valid_from AND version.valid_to IS NOT NULL;

-- forget_memberships --
-- Removes those of memberships.
DELETE FROM store.membership_version AS version USING forgettable_membership AS old
WHERE version.system = old.system AND version.account_id = old.account_id AND version.entitlement_id = old.entitlement_id
    AND version.via = old.via AND version.valid_from = old.valid_from AND version.valid_to IS NOT NULL;

-- old_log_events --
-- How many events of logs are older than a moment.
SELECT count(*) FROM store.log_event WHERE published < $moment;

-- forget_log_events --
-- Removes those.
DELETE FROM store.log_event WHERE published < $moment;
