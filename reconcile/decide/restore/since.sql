-- accounts_since --
-- The accounts of an earlier snapshot that are gone or are not the same now: then and now, whose they are, and what the mapping wants of them.
WITH earlier AS (
    SELECT id, state, attributes FROM store.record_version
    WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
), latest AS (
    SELECT record.id, account.state, account.status, record.attributes
    FROM store.record_version AS record JOIN account ON account.account_id = record.id
    WHERE record.system = $target AND record.valid_to IS NULL
)
SELECT earlier.id, coalesce(paired.anchor, '') AS anchor, coalesce(paired.situation, '') AS situation, coalesce(person.expected, '') AS expected,
    coalesce(person.name, '') AS name,
    coalesce(json_extract_string(coalesce(latest.attributes, earlier.attributes), $login_path), '') AS login,
    earlier.state, coalesce(latest.state, '') AS now_state, coalesce(latest.status, '') AS status,
    earlier.attributes, coalesce(latest.attributes, '') AS now_attributes,
    CASE WHEN person.situation IN ('CONFIRMED', 'FOUND') THEN desired.values END AS wanted
FROM earlier
LEFT JOIN latest ON latest.id = earlier.id
LEFT JOIN account_situation AS paired ON paired.account_id = earlier.id
LEFT JOIN identity_situation AS person ON person.anchor = paired.anchor AND paired.anchor <> ''
LEFT JOIN desired ON desired.anchor = person.anchor
WHERE latest.id IS NULL OR latest.state <> earlier.state OR latest.attributes <> earlier.attributes
ORDER BY earlier.id;

-- accounts_appeared --
-- The accounts that an earlier snapshot did not hold, and whether the mapping gives their people one.
SELECT account.account_id, account.login, coalesce(person.expected, '') IN ('active', 'suspended') AS wanted
FROM account
LEFT JOIN account_situation AS paired USING (account_id)
LEFT JOIN identity_situation AS person ON person.anchor = paired.anchor AND paired.anchor <> ''
WHERE NOT EXISTS (
    SELECT 1 FROM store.record_version AS earlier
    WHERE earlier.system = $target AND earlier.id = account.account_id AND earlier.valid_from <= $number
        AND (earlier.valid_to IS NULL OR earlier.valid_to > $number)
)
ORDER BY account.account_id;

-- value_holders --
-- Which of some values other accounts hold now. `wanted`: attribute, path, value, and the account that held the value before.
WITH wanted AS (SELECT unnest($wanted::STRUCT(attribute VARCHAR, path VARCHAR, value VARCHAR, account_id VARCHAR)[], max_depth := 2))
SELECT DISTINCT wanted.account_id, wanted.attribute
FROM wanted JOIN store.record_version AS record
    ON record.system = $target AND record.valid_to IS NULL AND record.id <> wanted.account_id
    AND lower(json_extract_string(record.attributes, wanted.path)) = lower(wanted.value)
ORDER BY wanted.account_id, wanted.attribute;

-- memberships_since --
-- The memberships of accounts that were there in an earlier snapshot and are now, which began or ended since: what is known of the entitlement, and what the mapping says of the membership.
WITH earlier AS (
    SELECT account_id, entitlement_id FROM store.membership_version
    WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
    GROUP BY account_id, entitlement_id
), latest AS (
    SELECT account_id, entitlement_id, bool_or(via = '') AS direct FROM store.membership_version
    WHERE system = $target AND valid_to IS NULL GROUP BY account_id, entitlement_id
), change AS (
    SELECT account_id, entitlement_id, earlier.account_id IS NOT NULL AS held, coalesce(latest.direct, false) AS direct
    FROM earlier FULL JOIN latest USING (account_id, entitlement_id)
    WHERE earlier.account_id IS NULL OR latest.account_id IS NULL
), there AS (
    SELECT id FROM store.record_version
    WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
), known AS (
    SELECT id, arg_max(name, valid_from) AS name, arg_max(kind, valid_from) AS kind,
        bool_or(valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)) AS existed
    FROM store.entitlement_version WHERE system = $target GROUP BY id
), proven AS (
    SELECT name FROM store.scope_read
    WHERE system = $target AND number = $number AND kind IN ('members', 'assignments') AND complete
), granted AS (
    SELECT anchor, entitlement_id, list(DISTINCT rule ORDER BY rule) AS rules FROM grant_row GROUP BY anchor, entitlement_id
)
SELECT change.account_id, paired.anchor, paired.situation, coalesce(person.expected, '') AS expected, coalesce(person.name, '') AS name, account.login,
    account.state, change.entitlement_id, coalesce(entitlement.name, known.name, change.entitlement_id) AS entitlement,
    coalesce(entitlement.kind, known.kind, '') AS kind, coalesce(entitlement.privileged, false) AS privileged,
    coalesce(entitlement.read_only, '') AS read_only, change.held, change.direct,
    entitlement.id IS NOT NULL AS exists_now, coalesce(known.existed, false) AS existed,
    change.entitlement_id IN (SELECT entitlement_id FROM frozen_group) OR (NOT change.held AND change.entitlement_id NOT IN (FROM proven)) AS in_doubt,
    change.entitlement_id IN (SELECT entitlement_id FROM fully_managed) AS managed,
    coalesce(granted.rules, []) AS rules,
    EXISTS (SELECT 1 FROM undecided_grant AS open WHERE open.anchor = paired.anchor AND open.entitlement_id = change.entitlement_id) AS undecided,
    EXISTS (SELECT 1 FROM store.granted AS ours
        WHERE ours.target = $target AND ours.account_id = change.account_id AND ours.entitlement_id = change.entitlement_id) AS ours
FROM change
JOIN there ON there.id = change.account_id
JOIN account ON account.account_id = change.account_id
JOIN account_situation AS paired ON paired.account_id = change.account_id
LEFT JOIN identity_situation AS person ON person.anchor = paired.anchor AND paired.anchor <> ''
LEFT JOIN known ON known.id = change.entitlement_id
LEFT JOIN entitlement ON entitlement.id = change.entitlement_id
LEFT JOIN granted ON granted.anchor = paired.anchor AND granted.entitlement_id = change.entitlement_id
ORDER BY change.account_id, entitlement, change.entitlement_id;
