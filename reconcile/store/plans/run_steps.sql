-- make_recorded_outcomes --
-- Outcomes of a run, in the order in which they were recorded.
CREATE TABLE recorded_outcome (operation VARCHAR, kind VARCHAR, account_id VARCHAR, entitlement_id VARCHAR);

-- make_run_outcomes --
-- What came of the operations of a run: of each the last outcome.
CREATE TABLE run_outcome AS
SELECT operation, arg_max(kind, rowid) AS kind, arg_max(account_id, rowid) AS account_id, arg_max(entitlement_id, rowid) AS entitlement_id
FROM recorded_outcome GROUP BY operation;

-- make_run_steps --
-- The operations of a plan that a run reached, each with a component: those of one account have one, and so have any that decide about each other.
CREATE TABLE run_step AS
SELECT position, id, target, verb, done, completes,
    CASE WHEN account_id = '' THEN position ELSE min(position) OVER (PARTITION BY target, account_id) END AS component
FROM (
    SELECT operation.position, operation.id, operation.target, operation.verb, outcome.kind = 'done' AS done,
        operation.verb = 'update' AND operation.account_id = '' AS completes,
        coalesce(nullif(outcome.account_id, ''), operation.account_id) AS account_id
    FROM operation JOIN run_outcome AS outcome ON outcome.operation = operation.id
);

-- step_pairs --
-- The components of operations of which one waits for the other so that undoing one has to know of the other: it puts back what the other one
-- took, or what undoes the other has to wait for what undoes it. A group that is made or deleted is not put back, and what undoes an addition waits for nothing.
SELECT DISTINCT waiting.component AS one, needed.component AS other
FROM (SELECT position, unnest(depends_on) AS id FROM operation WHERE verb NOT IN ('add_member', 'create_group', 'delete_group')) AS edge
JOIN run_step AS waiting USING (position)
JOIN run_step AS needed ON needed.id = edge.id
WHERE waiting.component <> needed.component AND needed.verb NOT IN ('create_group', 'delete_group')
    AND (needed.verb IN ('update', 'rename') OR NOT waiting.completes);

-- make_merged_components --
-- The components that are parts of another one.
CREATE TABLE merged_component (component BIGINT, whole BIGINT);

-- merge_components --
-- Gives the operations of merged components the number of the whole.
UPDATE run_step SET component = merged.whole FROM merged_component AS merged WHERE merged.component = run_step.component;

-- steps_by_component --
-- The operations that a run reached with what came of each, component by component, in the order of the plan.
SELECT step.component, step.position, outcome.kind, outcome.account_id, outcome.entitlement_id, operation.* EXCLUDE (position, file_row_number)
FROM run_step AS step
JOIN operation USING (position)
JOIN run_outcome AS outcome ON outcome.operation = step.id
ORDER BY step.component, step.position;

-- accounts_made --
-- The accounts that some operations of a run led to.
SELECT operation, account_id FROM run_outcome WHERE operation IN (SELECT unnest($ids::VARCHAR[])) AND account_id <> '';

-- groups_deleted --
-- The groups that a run deleted, by target and id.
SELECT operation.target, operation.entitlement_id FROM run_step AS step JOIN operation USING (position)
WHERE step.verb = 'delete_group' AND step.done;
