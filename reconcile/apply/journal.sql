-- add_run --
-- Begins a live run.
INSERT INTO run (id, plan, started) VALUES ($run, $plan, $at);

-- add_run_plan --
-- Writes down what the plan of a run was made for last, empty where the journal does not know it, and whether it is untrusted.
INSERT INTO run_plan (run, purpose, untrusted)
VALUES ($run, coalesce((SELECT purpose FROM plan WHERE digest = $plan ORDER BY sequence DESC LIMIT 1), ''), $untrusted);

-- end_run --
-- Ends a live run.
UPDATE run SET ended = $at WHERE id = $run;

-- add_run_size --
-- How many operations of one verb a run intends in one target.
INSERT INTO intended (run, run_date, target, verb, operations) VALUES ($run, $run_date, $target, $verb, $operations);

-- add_entry --
-- Writes one entry.
INSERT INTO entry (run, kind, operation, target, anchor, account, entitlement, outcome, detail, at)
VALUES ($run, $kind, $operation, $target, $anchor, $account, $entitlement, $outcome, $detail, $at);

-- add_answer --
-- Writes the answer of the system that led to the outcome which was written last.
INSERT INTO answer (entry, status, code, request, repetition)
VALUES (last_insert_rowid(), $status, $code, $request_id, $repetition);
