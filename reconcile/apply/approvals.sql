-- add_approval --
-- Stores an approval.
INSERT INTO approval (plan, "by", why, made, until) VALUES ($plan, $by, $why, $made, $until);

-- add_approval_row --
-- Stores a row that the newest approval holds or rejects.
INSERT INTO approval_row (approval, operation, decision) SELECT max(sequence), $operation, $decision FROM approval;

-- approvals_of_plan --
-- The approvals of a plan, used, expired or not, in the order in which they were made.
SELECT sequence, plan, "by", why, made, until, run FROM approval WHERE plan = $plan ORDER BY sequence;

-- rows_of_approval --
-- The rows that an approval holds or rejects.
SELECT operation, decision FROM approval_row WHERE approval = $approval ORDER BY operation;

-- consume_approvals --
-- Uses up the approvals of a plan.
UPDATE approval SET run = $run WHERE plan = $plan AND run = '';

-- add_rejection --
-- Stores a rejected row.
INSERT INTO rejection (plan, operation, fingerprint, target, verb, anchor, account, subject, "by", why, made)
VALUES ($plan, $operation, $fingerprint, $target, $verb, $anchor, $account, $subject, $by, $why, $made);

-- rejections_in_force --
-- The rejected rows that are not withdrawn, in the order in which they were rejected.
SELECT plan, operation, fingerprint, target, verb, anchor, account, subject, "by", why, made
FROM rejection WHERE withdrawn = '' ORDER BY sequence;

-- withdraw_rejection --
-- Takes back the rejections of one row.
UPDATE rejection SET withdrawn = $withdrawn WHERE operation = $operation AND withdrawn = '';

-- withdraw_rejections_of_plan --
-- Takes back what one person rejected of one plan.
UPDATE rejection SET withdrawn = $withdrawn WHERE plan = $plan AND "by" = $by AND withdrawn = '';

-- add_configuration --
-- Stores who planned with a configuration first.
INSERT INTO configuration (digest, "by", at) VALUES ($digest, $by, $at) ON CONFLICT DO NOTHING;

-- configuration_author --
-- Who planned with a configuration first, and the first live run of one of its plans.
SELECT "by", run FROM configuration WHERE digest = $digest;

-- configuration_applied --
-- Stores the first live run of a plan of a configuration.
UPDATE configuration SET run = $run WHERE digest = $digest AND run = '';
