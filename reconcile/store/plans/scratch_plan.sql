-- make_scratch_operations --
-- The operations of a plan that is being made, each with its place in the order.
CREATE TABLE scratch_operation (
    phase INTEGER, depth INTEGER, id VARCHAR, target VARCHAR, verb VARCHAR, anchor VARCHAR, account_id VARCHAR, who VARCHAR, name VARCHAR,
    entitlement_id VARCHAR, entitlement VARCHAR, entitlement_kind VARCHAR, privileged BOOLEAN, ours BOOLEAN, before VARCHAR, after VARCHAR,
    account VARCHAR, opening VARCHAR, deactivated BOOLEAN, absent VARCHAR, situation VARCHAR, rule VARCHAR, detail VARCHAR,
    depends_on VARCHAR[], placeholders VARCHAR
);

-- make_scratch_findings --
-- The findings of it, each with its place: a section, a number and a text.
CREATE TABLE scratch_finding (
    section INTEGER, number BIGINT, text VARCHAR, kind VARCHAR, severity VARCHAR, target VARCHAR, anchor VARCHAR, account_id VARCHAR,
    who VARCHAR, message VARCHAR, candidates VARCHAR
);

-- ordered_operations --
-- The operations in the order of a plan (`plan/ordering.py`).
SELECT * EXCLUDE (phase, depth) FROM scratch_operation ORDER BY phase, depth, target, anchor, account_id, entitlement, id;

-- ordered_findings --
-- The findings in the order of their places.
SELECT * EXCLUDE (section, number, text) FROM scratch_finding ORDER BY section, number, text;

-- scratch_operation_count --
-- How many operations there are.
SELECT count(*) FROM scratch_operation;

-- scratch_finding_count --
-- How many findings there are.
SELECT count(*) FROM scratch_finding;

-- scratch_sizes --
-- How many operations there are, by target and verb.
SELECT target, verb, count(*) AS operations FROM scratch_operation GROUP BY target, verb ORDER BY target, verb;
