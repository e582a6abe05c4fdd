-- log_place --
-- Up to where the log of a system is kept.
SELECT cursor, read_to FROM store.log_place WHERE system = $system;

-- first_read_at --
-- The time of the first read of a system: what changed before it is shown by no read.
SELECT min(taken_at) FROM store.snapshot WHERE system = $system;

-- stage_log_events --
-- The events of one page.
CREATE OR REPLACE TABLE staged_log_event (
    uuid VARCHAR, published VARCHAR, type VARCHAR, actor VARCHAR, actor_name VARCHAR, targets VARCHAR[], changed VARCHAR[], request_id VARCHAR
);

-- keep_log_events --
-- Keeps those that are not kept yet: after an interruption a page comes again.
INSERT INTO store.log_event BY NAME
SELECT DISTINCT ON (uuid) $system AS system, * FROM staged_log_event
WHERE uuid NOT IN (SELECT uuid FROM store.log_event WHERE system = $system);

-- keep_log_place --
-- Up to where it is kept now.
INSERT OR REPLACE INTO store.log_place VALUES ($system, $cursor, $read_to);
