-- add_binding --
-- Writes down the system that a connector reaches.
INSERT INTO binding (system, id, address, forgets, at) VALUES ($system, $id, $address, $forgets, $at);

-- bindings --
-- The systems that connectors reached, the newest of a connector last.
SELECT system, id, address FROM binding ORDER BY sequence;

-- forgotten_entries --
-- The number of the last entry of a connector that belongs to a system that is gone.
SELECT system, max(forgets) FROM binding GROUP BY system ORDER BY system;

-- set_latest_read --
-- Writes down the newest snapshot of a system, also where its number is lower than before: the store is an older copy, and was read anew.
INSERT OR REPLACE INTO latest_read (system, number, taken_at) VALUES ($system, $number, $taken_at);

-- latest_reads --
-- The newest snapshots that were written down.
SELECT system, number, taken_at FROM latest_read ORDER BY system;
