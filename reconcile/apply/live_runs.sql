-- live_runs --
-- The runs whose id begins so, the newest first.
SELECT id FROM run WHERE substr(id, 1, length($prefix)) = $prefix ORDER BY rowid DESC;

-- unfinished_run --
-- The first run that began and did not end.
SELECT id, plan FROM run WHERE ended = '' ORDER BY rowid LIMIT 1;

-- beginning_of_run --
-- When a run began, and the number of its first entry; NULL where it has none.
SELECT started, (SELECT min(sequence) FROM entry WHERE run = $run) FROM run WHERE id = $run;

-- last_run_of_plan --
-- The newest run of a plan.
SELECT id FROM run WHERE plan = $plan ORDER BY rowid DESC LIMIT 1;

-- runs_around_date --
-- The runs of a date, and those that were under way at or after a moment.
SELECT id, plan, id IN (SELECT run FROM intended WHERE run_date = $run_date) AS of_date
FROM run
WHERE of_date OR ended = '' OR started >= $since OR ended >= $since
ORDER BY rowid;

-- intended_operations --
-- The operations of a run whose request may have gone out.
SELECT DISTINCT operation FROM entry WHERE run = $run AND kind = 'intent' ORDER BY operation;

-- run_sizes --
-- How many operations runs intended: run, its date, target, verb, operations.
SELECT run, run_date, target, verb, operations FROM intended ORDER BY sequence;

-- sizes_of_run --
-- The same of one run.
SELECT target, verb, operations FROM intended WHERE run = $run AND target <> '' ORDER BY sequence;
