-- make_single_subjects --
-- The people and accounts whose operations the guards look at one by one: those of earlier runs of the day, and of privileged memberships.
CREATE OR REPLACE TABLE single_subject AS
SELECT DISTINCT subject FROM (
    SELECT unnest($subjects::VARCHAR[]) AS subject
    UNION ALL
    SELECT unnest([account_id, anchor]) FROM scratch_operation WHERE target = $target AND verb = 'add_member' AND privileged
)
WHERE subject <> '';

-- make_counted_operations --
-- The operations of one target that the guards count and do not look at: what is given back to accounts that exist.
CREATE OR REPLACE TABLE counted_operation AS
SELECT id, verb, phase, depth, anchor, account_id, entitlement, entitlement_id, entitlement_kind, coalesce(nullif(who, ''), nullif(anchor, ''), account_id) AS called
FROM scratch_operation
WHERE target = $target AND verb IN ('reactivate', 'add_member') AND account_id <> ''
    AND account_id NOT IN (FROM single_subject) AND anchor NOT IN (FROM single_subject);

-- judged_operations --
-- What the guards see of the other operations of one target, in the order of the plan.
SELECT id, verb, anchor, account_id, who, entitlement_id, entitlement, entitlement_kind, privileged, opening, json_keys(after) AS names
FROM scratch_operation
WHERE target = $target AND id NOT IN (SELECT id FROM counted_operation)
ORDER BY phase, depth, anchor, account_id, entitlement, id;

-- counted_sizes --
-- How many operations of each verb were counted, of how many accounts with how many names.
SELECT verb, count(*) AS operations, count(DISTINCT account_id) AS accounts, count(DISTINCT called) AS names
FROM counted_operation GROUP BY verb ORDER BY verb;

-- counted_first --
-- The first accounts of one verb among the counted operations, by the names that a reviewer knows them by.
SELECT anchor, called FROM (
    SELECT called, arg_min(anchor, (phase, depth, anchor, account_id, entitlement, id)) AS anchor,
        min((phase, depth, anchor, account_id, entitlement, id)) AS place
    FROM counted_operation WHERE verb = $verb GROUP BY called
)
ORDER BY place LIMIT $most;

-- counted_entitlements --
-- The entitlements that counted additions are of.
SELECT DISTINCT entitlement_id, entitlement_kind FROM counted_operation WHERE verb = 'add_member' ORDER BY entitlement_id, entitlement_kind;

-- counted_sizes_of_groups --
-- The sizes of the counted additions to some groups.
SELECT entitlement_id, entitlement, count(*) AS operations, count(DISTINCT account_id) AS accounts, count(DISTINCT called) AS names
FROM counted_operation
WHERE verb = 'add_member' AND entitlement_id IN (SELECT unnest($groups::VARCHAR[]))
GROUP BY entitlement_id, entitlement ORDER BY entitlement_id, entitlement;

-- counted_first_of_groups --
-- The first accounts of each of them.
SELECT entitlement_id, entitlement, anchor, called FROM (
    SELECT entitlement_id, entitlement, called, arg_min(anchor, (phase, depth, anchor, account_id, id)) AS anchor,
        min((phase, depth, anchor, account_id, id)) AS place
    FROM counted_operation
    WHERE verb = 'add_member' AND entitlement_id IN (SELECT unnest($groups::VARCHAR[])) GROUP BY entitlement_id, entitlement, called
)
QUALIFY row_number() OVER (PARTITION BY entitlement_id, entitlement ORDER BY place) <= $most
ORDER BY entitlement_id, entitlement, place;
