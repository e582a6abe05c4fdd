-- make_projected_members --
-- The members that a group of another system has after this plan; `needs` is the operation that a membership depends on, empty for one that exists.
--   target  VARCHAR
--   name    VARCHAR
--   anchor  VARCHAR
--   needs   VARCHAR
CREATE TABLE projected_member (target VARCHAR, name VARCHAR, anchor VARCHAR, needs VARCHAR);

-- make_undecided_people --
-- The people whose memberships after this plan are undecided, with the target that they wait in.
--   target  VARCHAR
--   anchor  VARCHAR
CREATE TABLE undecided_person (target VARCHAR, anchor VARCHAR);

-- unsupported --
-- The capabilities that a target stated it does not have.
SELECT capability, reason FROM store.unsupported WHERE system = $target ORDER BY capability, reason;

-- add_working_leavers --
-- Adds some of them.
INSERT INTO working_leaver SELECT unnest($anchors::VARCHAR[]);

-- working_leavers_of_target --
-- Those of the target, each with the account.
SELECT situation.anchor, account_id FROM identity_situation AS situation JOIN account USING (account_id)
WHERE situation.expected = 'on_hold' AND situation.situation IN ('CONFIRMED', 'FOUND') AND account.state IN ('active', 'unknown')
    AND situation.anchor IN (SELECT anchor FROM stated_leaver)
ORDER BY situation.anchor, account_id;

-- latest_quarantined --
-- The unusable records of the latest read of every system.
SELECT system, kind, name, position, id, reason
FROM store.quarantined
WHERE (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
ORDER BY system, kind, name, id, reason, position;
