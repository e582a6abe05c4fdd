-- runs_newest_first --
-- Live runs with the purpose and the size of their plan and the user who began each, the newest first.
SELECT
    run.id, run.plan, run.started, run.ended,
    coalesce((SELECT purpose FROM plan WHERE plan.digest = run.plan ORDER BY plan.sequence DESC LIMIT 1), '') AS purpose,
    coalesce((SELECT sum(operations) FROM intended WHERE intended.run = run.id), 0) AS operations,
    coalesce((SELECT who FROM audit WHERE audit.run = run.id AND event = 'applied' ORDER BY audit.sequence LIMIT 1), '') AS "by"
FROM run
ORDER BY run.rowid DESC
LIMIT $most;

-- outcomes_within --
-- What live runs did to accounts within a time: target, account, entitlement, moment and run, in the order of the moments.
SELECT target, account, entitlement, at, run
FROM entry
WHERE kind = 'outcome' AND outcome IN ('done', 'unknown') AND at > $since AND at <= $until
    AND account IN (SELECT value FROM json_each($accounts))
ORDER BY at, sequence;

-- own_changes --
-- What live runs did to some accounts of one target since a moment: account, entitlement, what was intended (a verb and a rule) and the run, in order.
SELECT outcome.account, outcome.entitlement, intent.detail, outcome.run
FROM entry AS outcome
JOIN entry AS intent ON intent.run = outcome.run AND intent.operation = outcome.operation AND intent.kind = 'intent'
WHERE outcome.kind = 'outcome' AND outcome.outcome IN ('done', 'unknown') AND outcome.target = $target AND outcome.at > $since
    AND outcome.account IN (SELECT value FROM json_each($accounts))
GROUP BY outcome.sequence
ORDER BY outcome.sequence;
