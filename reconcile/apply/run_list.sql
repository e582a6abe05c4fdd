-- runs_newest_first --
-- Live runs with the purpose, the trust and the size of their plan and the user who began each, the newest first. A run of before counts as one that read everything.
SELECT
    run.id, run.plan, run.started, run.ended,
    coalesce(
        run_plan.purpose, (SELECT purpose FROM plan WHERE plan.digest = run.plan ORDER BY plan.sequence DESC LIMIT 1), ''
    ) AS purpose,
    coalesce(run_plan.untrusted, 0) AS untrusted,
    coalesce((SELECT sum(operations) FROM intended WHERE intended.run = run.id), 0) AS operations,
    coalesce((SELECT who FROM audit WHERE audit.run = run.id AND event = 'applied' ORDER BY audit.sequence LIMIT 1), '') AS "by"
FROM run LEFT JOIN run_plan ON run_plan.run = run.id
ORDER BY run.rowid DESC
LIMIT $most;

-- outcomes_within --
-- What live runs did, or may have done, to accounts within a time, or between two entries: target, account, entitlement, moments and numbers of the intent and of the outcome (of the intent where there is none yet), run, plan, operation and what was intended (a verb and a rule), in order.
WITH begun AS MATERIALIZED (
    SELECT sequence, target, account, entitlement, at, run, operation FROM entry
    WHERE kind = 'intent' AND account IN (SELECT value FROM json_each($accounts))
        AND ((at > $since AND at <= $until) OR (sequence > $after AND sequence <= $before))
), written AS MATERIALIZED (
    SELECT sequence, target, account, entitlement, at, run, operation FROM entry
    WHERE kind = 'outcome' AND outcome IN ('done', 'unknown') AND account IN (SELECT value FROM json_each($accounts))
        AND (at > $since OR sequence > $after)
    UNION ALL
    SELECT sequence, target, account, entitlement, at, run, operation FROM begun
    WHERE (run, operation) NOT IN (SELECT run, operation FROM entry WHERE kind = 'outcome' AND run IN (SELECT run FROM begun))
), intent AS MATERIALIZED (
    SELECT run, operation, detail, at, min(sequence) AS sequence FROM entry
    WHERE kind = 'intent' AND run IN (SELECT run FROM written) GROUP BY run, operation
)
SELECT
    written.target, written.account, written.entitlement, intent.at, intent.sequence, written.at, written.sequence, written.run, run.plan,
    written.operation, intent.detail
FROM written JOIN run ON run.id = written.run JOIN intent ON intent.run = written.run AND intent.operation = written.operation
WHERE intent.at <= $until OR intent.sequence <= $before
ORDER BY written.sequence;

-- creations_without_account --
-- The creations of accounts of which no answer is known: target, moment and number of the intent, run, plan and operation, in order.
SELECT intent.target, intent.at, min(intent.sequence) AS sequence, intent.run, run.plan, intent.operation
FROM entry AS intent JOIN run ON run.id = intent.run
WHERE intent.kind = 'intent' AND intent.account = '' AND substr(intent.detail, 1, instr(intent.detail, ' ') - 1) = 'create' AND NOT EXISTS (
    SELECT 1 FROM entry AS outcome
    WHERE outcome.run = intent.run AND outcome.kind = 'outcome' AND outcome.operation = intent.operation
        AND (outcome.account <> '' OR outcome.outcome <> 'unknown')
)
GROUP BY intent.run, intent.operation
ORDER BY sequence;

-- own_changes --
-- What live runs did, or may have done, to some accounts of one target since a moment, or since an entry where one is given: account, entitlement, what was intended (a verb and a rule), the run, and whether it is known to be done, in order.
WITH begun AS MATERIALIZED (
    SELECT sequence, account, entitlement, run, operation FROM entry
    WHERE kind = 'intent' AND target = $target AND account IN (SELECT value FROM json_each($accounts))
        AND CASE WHEN $after IS NULL THEN at > $since ELSE sequence > $after END
), written AS MATERIALIZED (
    SELECT sequence, account, entitlement, run, operation, outcome = 'done' AS certain FROM entry
    WHERE kind = 'outcome' AND outcome IN ('done', 'unknown') AND target = $target AND account IN (SELECT value FROM json_each($accounts))
        AND CASE WHEN $after IS NULL THEN at > $since ELSE sequence > $after END
    UNION ALL
    SELECT sequence, account, entitlement, run, operation, false FROM begun
    WHERE (run, operation) NOT IN (SELECT run, operation FROM entry WHERE kind = 'outcome' AND run IN (SELECT run FROM begun))
), intent AS MATERIALIZED (
    SELECT run, operation, detail FROM entry WHERE kind = 'intent' AND run IN (SELECT run FROM written) GROUP BY run, operation
)
SELECT written.account, written.entitlement, intent.detail, written.run, written.certain
FROM written JOIN intent ON intent.run = written.run AND intent.operation = written.operation
ORDER BY written.sequence;

-- accounts_taken_out --
-- The accounts whose last change by a live run since a moment, or since an entry where one is given, took them out of one entitlement, or ended their use. An outcome that is not known may have given either back.
WITH outcome AS MATERIALIZED (
    SELECT sequence, account, entitlement, run, operation, outcome FROM entry
    WHERE kind = 'outcome' AND outcome IN ('done', 'already', 'unknown') AND target = $target AND entitlement IN ('', $entitlement)
        AND CASE WHEN $after IS NULL THEN at > $since ELSE sequence > $after END
), intent AS MATERIALIZED (
    SELECT run, operation, substr(detail, 1, instr(detail, ' ') - 1) AS verb FROM entry
    WHERE kind = 'intent' AND run IN (SELECT run FROM outcome) GROUP BY run, operation
), change AS (
    SELECT account, verb, outcome, row_number() OVER (PARTITION BY account, entitlement ORDER BY sequence DESC) AS place
    FROM outcome JOIN intent USING (run, operation)
    WHERE verb IN ('add_member', 'remove_member', 'deactivate', 'reactivate', 'delete')
)
SELECT DISTINCT account FROM change
WHERE place = 1 AND verb IN ('remove_member', 'deactivate', 'delete') AND outcome <> 'unknown'
ORDER BY account;
