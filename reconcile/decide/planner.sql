-- make_afterwards --
-- Who will be in a group of another target after this plan; `needs` is the operation that this rests on, empty where it is so already.
--   target  VARCHAR
--   name    VARCHAR
--   anchor  VARCHAR
--   needs   VARCHAR
CREATE TABLE held_after (target VARCHAR, name VARCHAR, anchor VARCHAR, needs VARCHAR);

-- make_unclear_after --
-- The people of whom that cannot be said: something about them is to be decided first.
--   target  VARCHAR
--   anchor  VARCHAR
CREATE TABLE unclear_after (target VARCHAR, anchor VARCHAR);

-- unsupported --
-- The capabilities that a target stated it does not have.
SELECT capability, reason FROM store.unsupported WHERE system = $target ORDER BY capability, reason;

-- add_working_leavers --
-- Those of the target.
INSERT INTO working_leaver
SELECT situation.anchor FROM identity_situation AS situation JOIN account USING (account_id)
WHERE situation.expected = 'held' AND situation.situation IN ('CONFIRMED', 'FOUND') AND account.state IN ('active', 'unknown')
    AND situation.anchor IN (SELECT anchor FROM stated_leaver);

-- latest_quarantined --
-- The unusable records of the latest read of every system.
SELECT system, kind, name, position, id, reason
FROM store.quarantined
WHERE (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
ORDER BY system, kind, name, id, reason, position;
