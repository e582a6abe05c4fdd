-- records_listed_as_of --
-- The rows of a system as one of its snapshots held them; with a word, those with that id or that value of an attribute.
SELECT id, state, status, attributes FROM store.record_version
WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
    AND ($word = '' OR lower(id) = lower($word)
        OR list_contains(list_transform(json_extract_string(attributes, '$.*'), lambda value: lower(value)), lower($word)))
ORDER BY id;

-- memberships_listed_as_of --
-- The members of groups and roles, or of apps, as one snapshot of a system held them, with the account as it was; with a word, those of the group or account that is called so.
WITH account AS (
    SELECT id, attributes FROM store.record_version
    WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
), held AS (
    SELECT id, name, kind FROM store.entitlement_version
    WHERE system = $system AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
)
SELECT member.account_id, coalesce(account.attributes, '{}') AS attributes, member.entitlement_id,
    coalesce(held.name, member.entitlement_id) AS entitlement, coalesce(held.kind, '') AS kind, member.via
FROM store.membership_version AS member
LEFT JOIN account ON account.id = member.account_id
LEFT JOIN held ON held.id = member.entitlement_id
WHERE member.system = $system AND member.valid_from <= $number AND (member.valid_to IS NULL OR member.valid_to > $number)
    AND (coalesce(held.kind, '') = 'app') = $apps
    AND ($word = '' OR lower(held.name) = lower($word) OR lower(member.entitlement_id) = lower($word) OR lower(member.account_id) = lower($word)
        OR list_contains(list_transform(json_extract_string(account.attributes, '$.*'), lambda value: lower(value)), lower($word)))
ORDER BY entitlement, member.entitlement_id, member.account_id, member.via;
