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
-- The memberships of accounts that were there in an earlier snapshot and are now, which began or ended since: what is known of the entitlement, and what the mapping says of the membership. Roles are attributes of accounts. `lost`: memberships that the latest snapshot still has, and that the target was asked for again and does not hold.
WITH lost AS (
    SELECT unnest($lost::STRUCT(account_id VARCHAR, entitlement_id VARCHAR)[], max_depth := 2)
), stated AS (
    SELECT id AS account_id, json_extract(attributes, $roles_path::VARCHAR) AS roles, valid_to IS NULL AS is_latest,
        valid_from <= $number AND (valid_to IS NULL OR valid_to > $number) AS is_earlier
    FROM store.record_version
    WHERE $roles_path IS NOT NULL AND system = $target AND json_extract(attributes, $roles_path::VARCHAR) IS NOT NULL
), entry AS (
    SELECT account_id, is_latest, is_earlier, unnest(CASE WHEN json_type(roles) = 'ARRAY' THEN json_extract(roles, '$[*]') ELSE [roles] END) AS role
    FROM stated WHERE is_latest OR is_earlier
), named_role AS (
    SELECT account_id, is_latest, is_earlier,
        CASE WHEN json_type(role) = 'OBJECT' THEN json_extract_string(role, '$.value') ELSE json_extract_string(role, '$') END AS name
    FROM entry
), role AS (
    SELECT account_id, $prefix::VARCHAR || name AS entitlement_id, any_value(name) AS name, bool_or(is_latest) AS is_latest, bool_or(is_earlier) AS is_earlier
    FROM named_role WHERE coalesce(name, '') <> '' GROUP BY account_id, entitlement_id
), earlier AS (
    SELECT account_id, entitlement_id FROM store.membership_version
    WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
    GROUP BY account_id, entitlement_id
    UNION ALL SELECT account_id, entitlement_id FROM role WHERE is_earlier
), latest AS (
    SELECT account_id, entitlement_id, bool_or(via = '') AS direct
    FROM store.membership_version AS member ANTI JOIN lost USING (account_id, entitlement_id)
    WHERE system = $target AND valid_to IS NULL GROUP BY account_id, entitlement_id
    UNION ALL SELECT account_id, entitlement_id, true FROM role WHERE is_latest
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
    UNION ALL SELECT DISTINCT entitlement_id, name, 'role', true FROM role
), proven AS (
    SELECT name FROM store.scope_read
    WHERE system = $target AND number = $number AND kind IN ('members', 'assignments') AND complete
), granted AS (
    SELECT anchor, entitlement_id, list(DISTINCT rule ORDER BY rule) AS rules FROM grant_row GROUP BY anchor, entitlement_id
)
SELECT change.account_id, paired.anchor, paired.situation, coalesce(person.expected, '') AS expected, coalesce(person.name, '') AS name, account.login,
    account.state, change.entitlement_id, coalesce(known.name, entitlement.name, change.entitlement_id) AS entitlement,
    coalesce(entitlement.kind, known.kind, '') AS kind, coalesce(entitlement.privileged, false) AS privileged,
    coalesce(entitlement.read_only, '') AS read_only, change.held, change.direct,
    entitlement.id IS NOT NULL OR coalesce(known.kind = 'role', false) AS exists_now, coalesce(known.existed, false) AS existed,
    CASE WHEN known.kind = 'role' THEN false
        WHEN NOT change.held AND change.entitlement_id NOT IN (FROM proven) THEN true
        ELSE change.entitlement_id IN (SELECT entitlement_id FROM frozen_group) AND lost.account_id IS NULL END AS in_doubt,
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
LEFT JOIN lost ON lost.account_id = change.account_id AND lost.entitlement_id = change.entitlement_id
LEFT JOIN entitlement ON entitlement.id = change.entitlement_id
LEFT JOIN granted ON granted.anchor = paired.anchor AND granted.entitlement_id = change.entitlement_id
ORDER BY change.account_id, entitlement, change.entitlement_id;

-- groups_in_doubt --
-- The groups and apps of which the last read is not complete, with members in an earlier snapshot: how many it had, why the read is in doubt, and whether it shows fewer members than that.
SELECT known.id, known.kind, known.name, count(DISTINCT member.account_id) AS members, scope.reason,
    scope.pages > 0 AND scope.rows < members AS shows_fewer
FROM store.entitlement_version AS known
JOIN store.scope_read AS scope
    ON scope.system = known.system AND scope.name = known.id AND scope.kind IN ('members', 'assignments') AND NOT scope.complete
    AND scope.number = (SELECT max(number) FROM store.snapshot WHERE system = $target)
JOIN store.membership_version AS member
    ON member.system = known.system AND member.entitlement_id = known.id AND member.valid_from <= $number
    AND (member.valid_to IS NULL OR member.valid_to > $number)
WHERE known.system = $target AND known.valid_to IS NULL AND known.read_only = ''
GROUP BY known.id, known.kind, known.name, scope.reason, scope.pages, scope.rows ORDER BY known.name, known.id;
