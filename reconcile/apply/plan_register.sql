-- register_plan --
-- Writes down that a plan was made, and after which run.
INSERT INTO plan (digest, purpose, runs, at) SELECT $digest, $purpose, coalesce(max(rowid), 0), $at FROM run;

-- newest_plan --
-- The plan that was made last for a purpose.
SELECT digest FROM plan WHERE purpose = $purpose ORDER BY sequence DESC LIMIT 1;

-- purpose_of_plan --
-- What a plan was made for last.
SELECT purpose FROM plan WHERE digest = $digest ORDER BY sequence DESC LIMIT 1;

-- runs_since_plan --
-- The runs, with their plans, that began or ended after a plan was made last: one that was interrupted before, and resumed since, wrote after it.
SELECT id, plan FROM run
WHERE rowid > (SELECT runs FROM plan WHERE digest = $digest ORDER BY sequence DESC LIMIT 1)
    OR id IN (SELECT run FROM audit WHERE event = $ended AND sequence > (SELECT max(sequence) FROM audit WHERE event = $planned AND plan = $digest))
ORDER BY rowid;
