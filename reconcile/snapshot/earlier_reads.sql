-- previous_scope --
-- The last whole and complete read of one scope: how many rows it had, without repeats in a file, what its pages were, when it was, and the journal's last entry by then.
SELECT CASE WHEN kind = 'file' THEN distinct_ids ELSE rows END AS rows, fingerprint, name, snapshot.taken_at, snapshot.entry
FROM store.scope_read JOIN store.snapshot USING (system, number)
WHERE system = $system AND kind = $kind AND (name = $name OR kind = 'file') AND complete AND NOT delta
    AND number > coalesce((SELECT since FROM store.bound_system WHERE system = $system), 0)
ORDER BY number DESC, name <> $name, name LIMIT 1;

-- replaced_file --
-- The last complete read of a file of the same bytes, where other rows were read since: its name, and when it was.
SELECT earlier.name, snapshot.taken_at
FROM store.scope_read AS earlier JOIN store.snapshot USING (system, number)
WHERE earlier.system = $system AND earlier.kind = 'file' AND earlier.complete AND NOT earlier.delta AND earlier.fingerprint = $fingerprint
    AND number > coalesce((SELECT since FROM store.bound_system WHERE system = $system), 0)
    AND $fingerprint NOT IN (
        SELECT fingerprint FROM store.scope_read
        WHERE system = $system AND kind = 'file' AND number = (
            SELECT max(number) FROM store.scope_read WHERE system = $system AND kind = 'file' AND complete AND NOT delta
        )
    )
ORDER BY number DESC, earlier.name LIMIT 1;

-- make_gone_rows --
-- The rows that are known of a system and that its read neither shows nor names.
CREATE OR REPLACE TABLE gone_row AS
SELECT id FROM store.record_version AS old
WHERE old.system = $system AND old.valid_to IS NULL
    AND NOT EXISTS (SELECT 1 FROM staged_record AS new WHERE new.id = old.id)
    AND NOT EXISTS (SELECT 1 FROM staged_quarantined AS unread WHERE unread.id = old.id AND unread.kind IN ('file', 'accounts'));

-- gone_rows --
-- How many rows are known of the system, and how many of them are gone.
SELECT count(*), (SELECT count(*) FROM gone_row) FROM store.record_version WHERE system = $system AND valid_to IS NULL;

-- respelt_rows --
-- How many rows are gone of which a new one has the key in another spelling, and the first such pair.
WITH new_row AS (
    SELECT id FROM staged_record AS new
    WHERE NOT EXISTS (SELECT 1 FROM store.record_version AS old WHERE old.system = $system AND old.valid_to IS NULL AND old.id = new.id)
),
pair AS (
    SELECT gone.id AS gone, min(new.id) AS new
    FROM (SELECT id, key_core(id) AS core FROM gone_row) AS gone
    JOIN (SELECT id, key_core(id) AS core FROM new_row) AS new ON new.core = gone.core
    GROUP BY gone.id
)
SELECT count(*), coalesce(min(gone), ''), coalesce(arg_min(new, gone), '') FROM pair;

-- previous_watermark --
-- What the file whose rows were taken over last was current to, whether or not it could show who is gone, among those that were current to no later than a moment.
SELECT watermark, name FROM store.scope_read
WHERE system = $system AND kind = 'file' AND (complete OR partial) AND NOT delta AND watermark <> '' AND watermark <= $latest
    AND number > coalesce((SELECT since FROM store.bound_system WHERE system = $system), 0)
ORDER BY number DESC, name <> $name, watermark DESC, name LIMIT 1;
