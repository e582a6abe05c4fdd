-- put_workers --
-- Rows as intervals in time, as Extract keeps them: in the order of their snapshots and ids.
INSERT INTO store.record_version BY NAME
SELECT 'workers' AS system, id, 'unknown' AS state, '' AS status, attributes, '' AS updated, night AS valid_from, until AS valid_to
FROM worker_rows ORDER BY night, id;

-- put_contractors --
-- The same.
INSERT INTO store.record_version BY NAME
SELECT 'contractors' AS system, id, 'unknown' AS state, '' AS status, attributes, '' AS updated, night AS valid_from, until AS valid_to
FROM contractor_rows ORDER BY night, id;

-- put_accounts --
-- The same.
INSERT INTO store.record_version BY NAME
SELECT 'okta' AS system, id, state, status, attributes, '2026-01-01T08:00:00.000Z' AS updated, 1 AS valid_from, NULL AS valid_to
FROM account_rows ORDER BY id;

-- put_members --
-- Who holds what.
INSERT INTO store.membership_version BY NAME
SELECT 'okta' AS system, account_id, groups.id AS entitlement_id, '' AS via, 1 AS valid_from, NULL AS valid_to
FROM member_names JOIN groups USING (name) WHERE night = 1 ORDER BY entitlement_id, account_id;

-- put_granted --
-- All of it was given by this job, but what is declared fully managed.
INSERT INTO store.granted BY NAME
SELECT 'okta' AS target, account_id, groups.id AS entitlement_id, 'run' AS run
FROM member_names JOIN groups USING (name) WHERE night = 1 AND name NOT LIKE 'all-%' ORDER BY entitlement_id, account_id;

-- put_links --
-- Whose account is whose, but for those who must be found by a key.
INSERT INTO store.link BY NAME
SELECT 'okta' AS target, id AS anchor, account_id, 'run' AS run, 'created' AS because
FROM person WHERE night = 1 AND NOT hired AND NOT future AND fate NOT BETWEEN 18 AND 19 ORDER BY anchor;
