-- all_operations --
-- The rows of the table with their position, in the order of the file. Their columns are those that were compared when the plan was opened.
SELECT * EXCLUDE (file_row_number) FROM operation;

-- operation_texts --
-- The text of each row that the digest of the table covers (`plan/digest.py` says how it is made), in the order of the file.
SELECT concat(
    length(position::VARCHAR), ':', position::VARCHAR,
    length(id), ':', id,
    length(target), ':', target,
    length(verb), ':', verb,
    length(anchor), ':', anchor,
    length(account_id), ':', account_id,
    length(who), ':', who,
    length(name), ':', name,
    length(entitlement_id), ':', entitlement_id,
    length(entitlement), ':', entitlement,
    length(entitlement_kind), ':', entitlement_kind,
    length(privileged::VARCHAR), ':', privileged::VARCHAR,
    length(ours::VARCHAR), ':', ours::VARCHAR,
    length(before), ':', before,
    length(after), ':', after,
    length(account), ':', account,
    length(opening), ':', opening,
    length(deactivated::VARCHAR), ':', deactivated::VARCHAR,
    length(absent), ':', absent,
    length(situation), ':', situation,
    length(rule), ':', rule,
    length(detail), ':', detail,
    length(to_json(depends_on)::VARCHAR), ':', to_json(depends_on)::VARCHAR,
    length(placeholders), ':', placeholders
) AS text
FROM operation;

-- operation_disorder --
-- How many rows do not stand at their position, or lack a value.
SELECT count(*) FROM operation WHERE position IS DISTINCT FROM file_row_number OR id IS NULL OR target IS NULL OR verb IS NULL OR anchor IS NULL OR account_id IS NULL OR who IS NULL OR name IS NULL OR entitlement_id IS NULL OR entitlement IS NULL OR entitlement_kind IS NULL OR privileged IS NULL OR ours IS NULL OR before IS NULL OR after IS NULL OR account IS NULL OR opening IS NULL OR deactivated IS NULL OR absent IS NULL OR situation IS NULL OR rule IS NULL OR detail IS NULL OR depends_on IS NULL OR placeholders IS NULL;

-- all_findings --
-- The rows of the table with their position, in the order of the file. Their columns are those that were compared when the plan was opened.
SELECT * EXCLUDE (file_row_number) FROM finding;

-- finding_texts --
-- The text of each row that the digest of the table covers (`plan/digest.py` says how it is made), in the order of the file.
SELECT concat(
    length(position::VARCHAR), ':', position::VARCHAR,
    length(kind), ':', kind,
    length(severity), ':', severity,
    length(target), ':', target,
    length(anchor), ':', anchor,
    length(account_id), ':', account_id,
    length(who), ':', who,
    length(message), ':', message,
    length(candidates), ':', candidates
) AS text
FROM finding;

-- finding_disorder --
-- How many rows do not stand at their position, or lack a value.
SELECT count(*) FROM finding WHERE position IS DISTINCT FROM file_row_number OR kind IS NULL OR severity IS NULL OR target IS NULL OR anchor IS NULL OR account_id IS NULL OR who IS NULL OR message IS NULL OR candidates IS NULL;

-- all_links --
-- The rows of the table with their position, in the order of the file. Their columns are those that were compared when the plan was opened.
SELECT * EXCLUDE (file_row_number) FROM link;

-- link_texts --
-- The text of each row that the digest of the table covers (`plan/digest.py` says how it is made), in the order of the file.
SELECT concat(
    length(position::VARCHAR), ':', position::VARCHAR,
    length(target), ':', target,
    length(anchor), ':', anchor,
    length(account_id), ':', account_id,
    length(because), ':', because,
    length(who), ':', who,
    length(name), ':', name,
    length(forget::VARCHAR), ':', forget::VARCHAR
) AS text
FROM link;

-- link_disorder --
-- How many rows do not stand at their position, or lack a value.
SELECT count(*) FROM link WHERE position IS DISTINCT FROM file_row_number OR target IS NULL OR anchor IS NULL OR account_id IS NULL OR because IS NULL OR who IS NULL OR name IS NULL OR forget IS NULL;


-- operations_of_target --
-- The operations of one target with their position, in the order of the file.
SELECT * EXCLUDE (file_row_number) FROM operation WHERE target = $target;

-- operations_about --
-- The operations of one target about a person or an account with their position, in the order of the file. An empty text matches none.
SELECT * EXCLUDE (file_row_number) FROM operation
WHERE target = $target AND ((anchor <> '' AND anchor = $anchor) OR (account_id <> '' AND account_id = $account_id));

-- peer_operations --
-- Operations of one verb in one target, of one entitlement where they are about memberships, with their position, in the order of the file.
SELECT * EXCLUDE (file_row_number) FROM operation
WHERE target = $target AND verb = $verb AND (verb = 'delete_group' OR entitlement_id = $entitlement);

-- group_update_ids --
-- The ids of the changes of names and descriptions of the groups of one target, in the order of the file.
SELECT id FROM operation WHERE target = $target AND verb = 'update_group' ORDER BY position;

-- operations_with_ids --
-- The operations that have one of the ids, with their position, in the order of the file.
SELECT * EXCLUDE (file_row_number) FROM operation WHERE id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY position;

-- additions_after --
-- The additions of memberships that depend on one of some operations, with their position, in the order of the file.
SELECT * EXCLUDE (file_row_number) FROM operation
WHERE verb = 'add_member' AND list_has_any(depends_on, $ids::VARCHAR[])
ORDER BY position;

-- operation_sizes --
-- How many operations there are, by target and verb.
SELECT target, verb, count(*) AS operations FROM operation GROUP BY target, verb ORDER BY target, verb;

-- prerequisites --
-- The ids of the operations that another one waits for.
SELECT id FROM operation SEMI JOIN (SELECT unnest(depends_on) AS id FROM operation) AS needed USING (id);

-- written_values --
-- The values after each update and rename of one account that exists.
SELECT after FROM operation WHERE verb IN ('update', 'rename') AND target = $target AND account_id = $account_id ORDER BY position;

-- ended_accounts --
-- The accounts of one target whose use operations end.
SELECT DISTINCT account_id FROM operation WHERE verb IN ('deactivate', 'suspend', 'delete') AND target = $target ORDER BY account_id;
