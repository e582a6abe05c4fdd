-- missing_sentinels --
-- Who should be in every complete read and is not in this one.
SELECT wanted FROM (SELECT unnest($names::VARCHAR[]) AS wanted) AS sentinel
WHERE NOT EXISTS (
    SELECT 1 FROM staged_record AS record
    WHERE lower(sentinel.wanted) IN (
        lower(record.id), lower(json_extract_string(record.attributes, '$.login')), lower(json_extract_string(record.attributes, '$.userName')),
        lower(json_extract_string(record.attributes, '$.email')), lower(json_extract_string(record.attributes, '$."emails.work"'))
    )
) ORDER BY wanted;

-- missing_member_sentinels --
-- Who should be in every complete read of a group's members and is not in this one.
SELECT wanted FROM (SELECT unnest($names::VARCHAR[]) AS wanted) AS sentinel
WHERE NOT EXISTS (
    SELECT 1 FROM staged_membership AS member JOIN staged_record AS record ON record.id = member.account_id
    WHERE member.entitlement_id = $entitlement_id AND lower(sentinel.wanted) IN (
        lower(record.id), lower(json_extract_string(record.attributes, '$.login')), lower(json_extract_string(record.attributes, '$.userName')),
        lower(json_extract_string(record.attributes, '$.email')), lower(json_extract_string(record.attributes, '$."emails.work"'))
    )
) ORDER BY wanted;

-- staged_groups --
-- The entitlements of this read by name, by kind and name, or by id.
WITH wanted AS (SELECT unnest($names::VARCHAR[]) AS name)
SELECT wanted.name, staged.id FROM wanted JOIN staged_entitlement AS staged
    ON wanted.name IN (staged.name, 'id:' || staged.id, 'kind:' || staged.type || ':' || staged.name)
ORDER BY wanted.name, staged.id;

-- staged_groups_once_named --
-- The groups of this read that had a name in an earlier one and have another now: id and name.
SELECT DISTINCT staged.id, staged.name
FROM store.entitlement_version AS before JOIN staged_entitlement AS staged ON staged.id = before.id AND staged.kind = before.kind
WHERE before.system = $system AND before.name <> staged.name AND $name IN (before.name, 'kind:' || before.type || ':' || before.name)
ORDER BY staged.name, staged.id;
