-- rebind_system --
-- Binds a connector's rows to another system.
INSERT OR REPLACE INTO store.bound_system VALUES ($system, $id, $address, $since, $known_accounts);

-- forget_links --
-- Forgets every link of a system that is gone.
DELETE FROM store.link WHERE target = $system;

-- forget_grants --
-- Forgets the memberships that were given there.
DELETE FROM store.granted WHERE target = $system;

-- forget_names --
-- Forgets what names mean there.
DELETE FROM store.entitlement_name WHERE target = $system;

-- forget_own_suspensions --
-- Forgets the accounts that were deactivated or suspended there.
DELETE FROM store.rest WHERE target = $system;

-- close_all_records --
-- Ends every row of a system that is gone.
UPDATE store.record_version SET valid_to = $number WHERE system = $system AND valid_to IS NULL;

-- close_all_entitlements --
-- Ends every entitlement of it.
UPDATE store.entitlement_version SET valid_to = $number WHERE system = $system AND valid_to IS NULL;

-- close_all_memberships --
-- Ends every membership of it.
UPDATE store.membership_version SET valid_to = $number WHERE system = $system AND valid_to IS NULL;

-- remembered_counts --
-- How many links, granted memberships, accounts ended by this job and rows the store has of a system.
SELECT
    (SELECT count(*) FROM store.link WHERE target = $system),
    (SELECT count(*) FROM store.granted WHERE target = $system),
    (SELECT count(*) FROM store.rest WHERE target = $system),
    (SELECT count(*) FROM store.record_version WHERE system = $system AND valid_to IS NULL);

-- remembered_totals --
-- How many links and granted memberships the store has in all.
SELECT (SELECT count(*) FROM store.link), (SELECT count(*) FROM store.granted);

-- stage_unread_scope --
-- A read of all accounts that did not take place.
INSERT INTO staged_scope BY NAME
SELECT
    'accounts' AS kind, '' AS name, false AS complete, $reason AS reason, 0 AS pages, 0 AS rows, 0 AS distinct_ids,
    NULL::BIGINT AS declared_total, '' AS watermark, 0.0 AS seconds, false AS delta, '' AS fingerprint;

-- forget_lessons --
-- Forgets what a system taught that another one took the place of.
DELETE FROM store.lesson WHERE target = $system;

-- forget_unlisted --
-- Forgets the answers of a system that is gone.
DELETE FROM store.unlisted WHERE system = $system;

-- forget_account_notes --
-- Forgets what runs learnt there.
DELETE FROM store.account_note WHERE target = $system;
