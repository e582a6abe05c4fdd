-- bound_system --
-- The system that the rows of a connector came from.
SELECT id, address, since, known_accounts FROM store.bound_system WHERE system = $system;

-- bound_systems --
-- The same for every connector.
SELECT system, id, address FROM store.bound_system ORDER BY system;

-- bind_system --
-- Binds a connector's rows to a system; what the system called itself before stays where it does not say so now.
INSERT INTO store.bound_system VALUES ($system, $id, $address, 0, true)
ON CONFLICT (system) DO UPDATE SET
    id = CASE WHEN excluded.id = '' THEN bound_system.id ELSE excluded.id END, address = excluded.address, known_accounts = true;

-- rebind_system --
-- Binds a connector's rows to another system.
INSERT OR REPLACE INTO store.bound_system VALUES ($system, $id, $address, $since, $known_accounts);

-- changed_hands --
-- How many accounts the read before had, how many came now, how many are in both under one id, and how many of those carry another login and another address, domains aside.
WITH known AS (
    SELECT
        lower(split_part(json_extract_string(old.attributes, $login), '@', 1)) AS old_login,
        lower(split_part(json_extract_string(new.attributes, $login), '@', 1)) AS new_login,
        lower(split_part(json_extract_string(old.attributes, $email), '@', 1)) AS old_email,
        lower(split_part(json_extract_string(new.attributes, $email), '@', 1)) AS new_email
    FROM staged_record AS new
    JOIN store.record_version AS old ON old.system = $system AND old.valid_to IS NULL AND old.id = new.id
)
SELECT (SELECT count(*) FROM store.record_version WHERE system = $system AND valid_to IS NULL
    -- What the list before did not show need not be in this one.
    AND id NOT IN (SELECT id FROM store.unlisted WHERE system = $system)) AS before, (SELECT count(*) FROM staged_record) AS came,
    count(*) AS known, count(*) FILTER (
    WHERE old_login <> new_login AND (old_email IS NULL OR new_email IS NULL OR old_email <> new_email)
) AS changed FROM known;

-- forget_links --
-- Forgets every link of a system that is gone.
DELETE FROM store.link WHERE target = $system;

-- forget_grants --
-- Forgets the memberships that were given there.
DELETE FROM store.granted WHERE target = $system;

-- forget_names --
-- Forgets what names mean there.
DELETE FROM store.entitlement_name WHERE target = $system;

-- forget_rests --
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

-- drop_unsupported --
-- Makes room for what a target states now.
DELETE FROM store.unsupported WHERE system = $system;

-- add_unsupported --
-- One capability that a target states it does not have.
INSERT INTO store.unsupported VALUES ($system, $capability, $reason);

-- unsupported --
-- The capabilities that a target stated it does not have.
SELECT capability, reason FROM store.unsupported WHERE system = $target ORDER BY capability, reason;

-- drop_declared --
-- Makes room for what a target declares now.
DELETE FROM store.declared_attribute WHERE system = $system;

-- add_declared --
-- What a target declares that its attributes take.
INSERT INTO store.declared_attribute SELECT $system, unnest($names::VARCHAR[]), unnest($texts::VARCHAR[]);

-- declared --
-- What a target declared that its attributes take.
SELECT name, declaration FROM store.declared_attribute WHERE system = $system ORDER BY name, declaration;

-- tried_pattern --
-- Whether a regular expression matches nothing; fails where it is none.
SELECT regexp_matches('', $pattern) AS matches;

-- unmatched --
-- The values that do not match a regular expression, as a whole or in some part.
SELECT value FROM (SELECT unnest($values::VARCHAR[]) AS value)
WHERE NOT CASE WHEN $whole THEN regexp_full_match(value, $pattern) ELSE regexp_matches(value, $pattern) END
ORDER BY value;
