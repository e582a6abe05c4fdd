-- settled_sequence --
-- The last entry of the journal that links and ledger know.
SELECT coalesce(max(sequence), 0) FROM store.settled;

-- set_settled --
-- Moves it on.
INSERT INTO store.settled VALUES ($sequence);

-- put_link --
-- Remembers a pair; the newest word about a person counts.
INSERT OR REPLACE INTO store.link (target, anchor, account_id, run, because) VALUES ($target, $anchor, $account_id, $run, $because);

-- drop_link --
-- Forgets a pair.
DELETE FROM store.link WHERE target = $target AND anchor = $anchor AND account_id = $account_id;

-- put_grant --
-- A membership that this job gave.
INSERT OR REPLACE INTO store.granted (target, account_id, entitlement_id, run) VALUES ($target, $account_id, $entitlement_id, $run);

-- drop_grant --
-- A membership that this job took again.
DELETE FROM store.granted WHERE target = $target AND account_id = $account_id AND entitlement_id = $entitlement_id;
