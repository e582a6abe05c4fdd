-- add_audit_entry --
-- Appends one entry.
INSERT INTO audit (sequence, at, event, who, plan, run, facts, previous, hash)
VALUES ($sequence, $at, $event, $who, $plan, $run, $facts, $previous, $hash);

-- audit_entries --
-- Every entry, in the order of their numbers.
SELECT sequence, at, event, who, plan, run, facts, previous, hash FROM audit ORDER BY sequence;

-- newest_audit_entry --
-- The entry that the next one follows.
SELECT sequence, at, event, who, plan, run, facts, previous, hash FROM audit ORDER BY sequence DESC LIMIT 1;

-- outcome_counts_of_run --
-- How many operations of a run ended in which way.
SELECT outcome, count(*) FROM entry WHERE run = $run AND kind = 'outcome' GROUP BY outcome ORDER BY outcome;

-- plan_of_run --
-- The plan that a run carries out.
SELECT plan FROM run WHERE id = $run;
