-- outcome_page --
-- The first outcomes of a run after an entry, each after the number of its entry.
SELECT e.sequence, e.operation, e.outcome, e.account, e.entitlement, e.detail, e.at, a.status, a.code, a.request, a.repetition
FROM entry AS e
LEFT JOIN answer AS a ON a.entry = e.sequence
WHERE e.run = $run AND e.kind = 'outcome' AND e.sequence > $after
ORDER BY e.sequence
LIMIT $most;

-- outcome_page_of_kinds --
-- The same of some kinds.
SELECT e.sequence, e.operation, e.outcome, e.account, e.entitlement, e.detail, e.at, a.status, a.code, a.request, a.repetition
FROM entry AS e
LEFT JOIN answer AS a ON a.entry = e.sequence
WHERE e.run = $run AND e.kind = 'outcome' AND e.sequence > $after AND e.outcome IN (SELECT value FROM json_each($kinds))
ORDER BY e.sequence
LIMIT $most;

-- make_outcome_places --
-- Where the outcome of each operation of a run stands: in a file of this connection, which SQLite removes with it.
CREATE TEMP TABLE IF NOT EXISTS outcome_place (run TEXT, operation TEXT, sequence INTEGER, PRIMARY KEY (run, operation)) WITHOUT ROWID;

-- put_outcome_places --
-- Fills it for one run; of several outcomes of an operation the last one counts.
INSERT OR REPLACE INTO outcome_place
SELECT run, operation, sequence FROM entry WHERE run = $run AND kind = 'outcome' ORDER BY sequence;

-- outcomes_with_ids --
-- The outcomes of some operations of a run, each after the number of its entry.
SELECT e.sequence, e.operation, e.outcome, e.account, e.entitlement, e.detail, e.at, a.status, a.code, a.request, a.repetition
FROM outcome_place AS place
JOIN entry AS e ON e.sequence = place.sequence
LEFT JOIN answer AS a ON a.entry = e.sequence
WHERE place.run = $run AND place.operation IN (SELECT value FROM json_each($ids))
ORDER BY e.sequence;

-- live_run --
-- One run.
SELECT plan, started, ended FROM run WHERE id = $run;
