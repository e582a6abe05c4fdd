-- views_schema --
-- The views for people who query the store themselves. Their names and columns are an interface: docs/reference/store-views.md.
CREATE SCHEMA IF NOT EXISTS store.views;

-- views_there --
-- Fails where the store has no views of this version.
SELECT version FROM store.views.version_1;

-- view_snapshot --
-- One row each time a system was read.
--   system  The name of the connector.
--   number  The number of the read, from 1 in each system.
--   taken_at  When it was taken over (UTC).
--   digest  The digest of what was read.
--   latest  Whether it is the last one of its system.
CREATE OR REPLACE VIEW store.views.snapshot AS
SELECT
    system,
    number,
    try_cast(taken_at AS TIMESTAMP) AS taken_at,
    digest,
    number = max(number) OVER (PARTITION BY system) AS latest
FROM store.main.snapshot;

-- view_scope --
-- What each read covered, and whether it can prove that something is absent.
--   system  The name of the connector.
--   number  The number of the read.
--   kind  What was read: file, accounts, entitlements, members or assignments.
--   name  The name of the file, or the id of the group or app; empty for the whole system.
--   complete  Whether it was read completely.
--   reason  Why it was not; empty where it was.
--   rows  How many rows it has.
--   seconds  How long the read took.
CREATE OR REPLACE VIEW store.views.scope AS
SELECT system, number, kind, name, complete, reason, rows, seconds
FROM store.main.scope_read;

-- view_record --
-- The rows of every system as they are now: people of an HR export, accounts of a target.
--   system  The name of the connector.
--   id  The key of the row, or the id of the account.
--   state  active, suspended, deactivated, or another state of an account.
--   status  The system's own word for the state; empty where it has none.
--   attributes  A JSON object, by the connector's attribute names.
--   updated  When the system says that it changed last (RFC 3339); empty where it does not say.
--   seen_from  When this version was read first (UTC).
CREATE OR REPLACE VIEW store.views.record AS
SELECT
    version.system,
    version.id,
    version.state,
    version.status,
    version.attributes,
    version.updated,
    try_cast(first.taken_at AS TIMESTAMP) AS seen_from
FROM store.main.record_version AS version
LEFT JOIN store.main.snapshot AS first ON first.system = version.system AND first.number = version.valid_from
WHERE version.valid_to IS NULL;

-- view_record_history --
-- Every version of every row that is kept: `[retention]` says for how long.
--   system  The name of the connector.
--   id  The key of the row, or the id of the account.
--   state  active, suspended, deactivated, or another state of an account.
--   status  The system's own word for the state; empty where it has none.
--   attributes  A JSON object, by the connector's attribute names.
--   seen_from  When this version was read first (UTC).
--   gone_by  When a read showed another version, or none; null while it holds.
CREATE OR REPLACE VIEW store.views.record_history AS
SELECT
    version.system,
    version.id,
    version.state,
    version.status,
    version.attributes,
    try_cast(first.taken_at AS TIMESTAMP) AS seen_from,
    try_cast(later.taken_at AS TIMESTAMP) AS gone_by
FROM store.main.record_version AS version
LEFT JOIN store.main.snapshot AS first ON first.system = version.system AND first.number = version.valid_from
LEFT JOIN store.main.snapshot AS later ON later.system = version.system AND later.number = version.valid_to;

-- view_entitlement --
-- The groups, apps and roles of every system as they are now.
--   system  The name of the connector.
--   id  The id in its system.
--   kind  group, app or role.
--   name  Its name.
--   privileged  Whether it gives power over its system.
--   read_only  Why its memberships cannot be changed here; empty where they can.
CREATE OR REPLACE VIEW store.views.entitlement AS
SELECT system, id, kind, name, privileged, read_only
FROM store.main.entitlement_version
WHERE valid_to IS NULL;

-- view_membership --
-- Who holds which group, app or role now.
--   system  The name of the connector.
--   account_id  The account.
--   entitlement_id  The group, app or role.
--   kind  group, app or role.
--   name  Its name; null where the system does not list it.
--   via  The group or rule that it comes through; empty for a direct one.
--   ours  Whether this job gave it, and may therefore take it.
CREATE OR REPLACE VIEW store.views.membership AS
SELECT
    held.system,
    held.account_id,
    held.entitlement_id,
    known.kind,
    known.name,
    held.via,
    given.run IS NOT NULL AS ours
FROM store.main.membership_version AS held
LEFT JOIN store.main.entitlement_version AS known ON known.system = held.system AND known.id = held.entitlement_id AND known.valid_to IS NULL
LEFT JOIN store.main.granted AS given
    ON given.target = held.system AND given.account_id = held.account_id AND given.entitlement_id = held.entitlement_id
WHERE held.valid_to IS NULL;

-- view_membership_history --
-- Who held which group, app or role, and from when to when.
--   system  The name of the connector.
--   account_id  The account.
--   entitlement_id  The group, app or role.
--   via  The group or rule that it came through; empty for a direct one.
--   seen_from  When it was read first (UTC).
--   gone_by  When a read no longer showed it; null while it holds.
CREATE OR REPLACE VIEW store.views.membership_history AS
SELECT
    held.system,
    held.account_id,
    held.entitlement_id,
    held.via,
    try_cast(first.taken_at AS TIMESTAMP) AS seen_from,
    try_cast(later.taken_at AS TIMESTAMP) AS gone_by
FROM store.main.membership_version AS held
LEFT JOIN store.main.snapshot AS first ON first.system = held.system AND first.number = held.valid_from
LEFT JOIN store.main.snapshot AS later ON later.system = held.system AND later.number = held.valid_to;

-- view_link --
-- The remembered pairs of person and account.
--   target  The target that the account is in.
--   anchor  The key of the person that never changes.
--   account_id  The account.
--   run  The run that remembered it.
--   because  Why they belong together.
CREATE OR REPLACE VIEW store.views.link AS
SELECT target, anchor, account_id, run, because
FROM store.main.link;

-- view_ended --
-- The accounts that this job suspended or deactivated, and that no run has reactivated since.
--   target  The target that the account is in.
--   account_id  The account.
--   anchor  The person; empty where none is known.
--   state  suspended or deactivated.
--   since  When it was done (UTC).
--   run  The run that did it.
CREATE OR REPLACE VIEW store.views.ended AS
SELECT target, account_id, anchor, state, try_cast(since AS TIMESTAMP) AS since, run
FROM store.main.rest;

-- view_quarantined --
-- The records of the latest reads that cannot be used.
--   system  The name of the connector.
--   kind  Where it was read: file, accounts, entitlements, members or assignments.
--   name  The name of the file, or the id of the group or app.
--   position  The line, or the place on a page.
--   id  The key of the row as far as it is known.
--   reason  Why it cannot be used.
CREATE OR REPLACE VIEW store.views.quarantined AS
SELECT bad.system, bad.kind, bad.name, bad.position, bad.id, bad.reason
FROM store.main.quarantined AS bad
JOIN (SELECT system, max(number) AS number FROM store.main.snapshot GROUP BY system) AS latest
    ON latest.system = bad.system AND latest.number = bad.number;

-- view_run_size --
-- How many operations each live run intended.
--   run  The id of the run.
--   run_date  The date that it decided for.
--   target  The target.
--   verb  The verb.
--   operations  How many.
CREATE OR REPLACE VIEW store.views.run_size AS
SELECT run, run_date, target, verb, operations
FROM store.main.night
WHERE target <> '';

-- views_version --
-- Marks the version of the views, so that they are made once. It grows with each change of this file.
CREATE OR REPLACE VIEW store.views.version_1 AS SELECT 1 AS version;
