-- accounts_asked_for --
-- The accounts of some people, and those of some ids, with whose they are and what the mapping expects of that person. Each of the two is a join of
-- its own: as two conditions of one they would be compared pair by pair.
WITH asked AS MATERIALIZED (
    SELECT account_id FROM account WHERE account_id IN (SELECT unnest($ids::VARCHAR[]))
    UNION
    SELECT account_id FROM account_situation
    WHERE anchor IN (SELECT unnest($anchors::VARCHAR[])) AND situation IN ('CONFIRMED', 'FOUND', 'UNQUALIFIED', 'SOURCE_MISSING')
)
SELECT account.account_id, paired.anchor, account.state, account.status, account.login, coalesce(person.name, '') AS name, paired.situation,
    coalesce(person.expected, '') AS expected
FROM asked
JOIN account ON account.account_id = asked.account_id
JOIN account_situation AS paired ON paired.account_id = account.account_id
LEFT JOIN identity_situation AS person ON person.anchor = paired.anchor AND paired.anchor <> ''
ORDER BY paired.anchor, account.account_id;

-- accounts_not_read --
-- The remembered accounts of some people, and those of some ids, that the last read does not show, with what the mapping expects of that person.
SELECT link.account_id, link.anchor, coalesce(person.name, '') AS name, person.situation, coalesce(person.expected, '') AS expected
FROM link JOIN identity_situation AS person ON person.anchor = link.anchor
WHERE (link.anchor IN (SELECT unnest($anchors::VARCHAR[])) OR link.account_id IN (SELECT unnest($ids::VARCHAR[])))
    AND link.account_id NOT IN (SELECT account_id FROM account)
ORDER BY link.anchor, link.account_id;

-- entitlements_called --
-- The groups, or the apps, of a name or an id, as they were read: none that a rule would create, and none by the name that a rule would give it.
SELECT id, kind, name, read_only, privileged FROM store.entitlement_version
WHERE system = $target AND valid_to IS NULL AND kind = $kind
    AND (id = $called OR comparable(name) = comparable($called::VARCHAR) OR id = 'app:' || $called)
ORDER BY id <> $called, name <> $called, id;

-- members_of_group --
-- The accounts that a group holds, and whether each is in it directly.
SELECT account_id, bool_or(via = '') AS direct FROM store.membership_version
WHERE system = $target AND valid_to IS NULL AND entitlement_id = $group_id
GROUP BY account_id ORDER BY account_id;

-- description_of_group --
-- The description of a group; empty for none.
SELECT coalesce(max(json_extract_string(attributes, '$.description')), '') FROM store.entitlement_version
WHERE system = $target AND valid_to IS NULL AND id = $group_id;

-- is_frozen_group --
-- Whether the members of a group were not read completely.
SELECT count(*) > 0 FROM frozen_group WHERE entitlement_id = $group_id;

-- holdings_of_accounts --
-- The memberships of some accounts, of one entitlement or of all: whether each is direct, and whether this job gave it.
SELECT held.account_id, entitlement.id, entitlement.kind, entitlement.name, entitlement.read_only, entitlement.privileged,
    bool_or(held.via = '') AS direct, bool_or(ours.entitlement_id IS NOT NULL) AS ours
FROM store.membership_version AS held
JOIN entitlement ON entitlement.id = held.entitlement_id
LEFT JOIN store.granted AS ours ON ours.target = $target AND ours.account_id = held.account_id AND ours.entitlement_id = held.entitlement_id
WHERE held.system = $target AND held.valid_to IS NULL AND held.account_id IN (SELECT unnest($ids::VARCHAR[]))
    AND ($entitlement = '' OR held.entitlement_id = $entitlement)
GROUP BY held.account_id, entitlement.id, entitlement.kind, entitlement.name, entitlement.read_only, entitlement.privileged
ORDER BY held.account_id, entitlement.name, entitlement.id;

-- rules_for_people --
-- The rules that grant entitlements to some people.
SELECT anchor, entitlement_id, list(DISTINCT rule ORDER BY rule) AS rules FROM grant_row
WHERE anchor IN (SELECT unnest($anchors::VARCHAR[])) GROUP BY anchor, entitlement_id ORDER BY anchor, entitlement_id;

-- managed_as_a_whole --
-- The entitlements of which the mapping decides every member.
SELECT entitlement_id FROM fully_managed ORDER BY entitlement_id;
