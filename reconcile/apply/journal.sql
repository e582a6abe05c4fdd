-- add_run --
-- Begins a live run.
INSERT INTO run (id, plan, started) VALUES ($run, $plan, $at);

-- end_run --
-- Ends a live run.
UPDATE run SET ended = $at WHERE id = $run;

-- consume_overrides --
-- Uses up every override of a plan that has not expired.
UPDATE override SET run = $run WHERE plan = $plan AND run = '' AND until > $at;

-- add_override --
-- Stores a guard override.
INSERT INTO override (plan, guard, "by", why, made, until) VALUES ($plan_digest, $guard, $by, $why, $made, $until);

-- overrides_of_plan --
-- The overrides of a plan, used, expired or not.
SELECT plan, guard, "by", why, made, until, run FROM override WHERE plan = $plan ORDER BY sequence;

-- add_run_size --
-- How many operations of one verb a run intends in one target.
INSERT INTO intended (run, run_date, target, verb, operations) VALUES ($run, $run_date, $target, $verb, $operations);

-- run_sizes --
-- How many operations runs intended: run, its date, target, verb, operations.
SELECT run, run_date, target, verb, operations FROM intended ORDER BY sequence;

-- sizes_of_run --
-- The same of one run.
SELECT target, verb, operations FROM intended WHERE run = $run AND target <> '' ORDER BY sequence;

-- unfinished_run --
-- The first run that began and did not end.
SELECT id, plan FROM run WHERE ended = '' ORDER BY rowid LIMIT 1;

-- live_run --
-- One run.
SELECT plan, started, ended FROM run WHERE id = $run;

-- live_runs --
-- The runs whose id begins so, the newest first.
SELECT id FROM run WHERE substr(id, 1, length($prefix)) = $prefix ORDER BY rowid DESC;

-- runs_around_date --
-- The runs of a date, and those that were under way at or after a moment.
SELECT id, plan, id IN (SELECT run FROM intended WHERE run_date = $run_date) AS of_date
FROM run
WHERE of_date OR ended = '' OR started >= $since OR ended >= $since
ORDER BY rowid;

-- last_run_of_plan --
-- The newest run of a plan.
SELECT id FROM run WHERE plan = $plan ORDER BY rowid DESC LIMIT 1;

-- add_entry --
-- Writes one entry.
INSERT INTO entry (run, kind, operation, target, anchor, account, entitlement, outcome, detail, at)
VALUES ($run, $kind, $operation, $target, $anchor, $account, $entitlement, $outcome, $detail, $at);

-- add_answer --
-- Writes the answer of the system that led to the outcome which was written last.
INSERT INTO answer (entry, status, code, request, repetition)
VALUES (last_insert_rowid(), $status, $code, $request_id, $repetition);

-- intended_operations --
-- The operations of a run whose request may have gone out.
SELECT DISTINCT operation FROM entry WHERE run = $run AND kind = 'intent' ORDER BY operation;

-- facts_after --
-- What entries after one say of links, memberships, accounts and names; neither those of a person who was forgotten, nor lessons that named one.
SELECT sequence, kind, run, target, anchor, account, entitlement, detail, at
FROM entry
WHERE sequence > $sequence AND kind NOT IN ('intent', 'outcome')
    AND NOT (detail = 'forgotten' AND (kind = 'taught' OR (anchor = '' AND account = '')))
ORDER BY sequence
LIMIT $most;

-- mark_of_entry --
-- What tells an entry from one of the same number in another journal.
SELECT run, kind, operation, at FROM entry WHERE sequence = $sequence;
