-- begin_entries --
-- Begins a transaction that writes.
BEGIN IMMEDIATE;

-- commit_entries --
-- Ends it: all of it is on disk.
COMMIT;

-- roll_back_entries --
-- Ends it: nothing of it is on disk.
ROLLBACK;

-- give_journal_an_id --
-- Gives a new journal its id.
INSERT INTO journal (id) SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM journal);

-- journal_id --
-- The id of the journal, and the project that it belongs to, empty for none yet.
SELECT id, project FROM journal;

-- set_journal_project --
-- Makes it the journal of a project.
UPDATE journal SET project = $project;

-- latest_moment_of_journal --
-- The latest moment that is written down; NULL in a new journal.
SELECT max(at) FROM (
    SELECT max(started) AS at FROM run
    UNION ALL SELECT max(at) FROM plan
    UNION ALL SELECT max(made) FROM override
    UNION ALL SELECT at FROM (SELECT at FROM entry ORDER BY sequence DESC LIMIT 1)
);

-- last_entry_number --
-- The number of the newest entry, 0 before the first.
SELECT coalesce(max(sequence), 0) FROM entry;

-- newest_run_names --
-- Names of live runs with the digests of their plans, the newest first.
SELECT id, plan
FROM run
ORDER BY rowid DESC
LIMIT $most;
