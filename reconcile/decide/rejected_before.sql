-- contradicted_rejections --
-- The rejected changes of state whose cause is gone: a person who was to lose an account should have a working one now, or one who was to get it back should have none.
WITH rejected AS (
    SELECT unnest($operations::VARCHAR[]) AS operation, unnest($verbs::VARCHAR[]) AS verb, unnest($anchors::VARCHAR[]) AS stated, unnest($accounts::VARCHAR[]) AS account_id
),
owned AS (
    SELECT operation, verb, coalesce(nullif(owner.anchor, ''), stated) AS anchor
    FROM rejected LEFT JOIN account_situation AS owner USING (account_id)
)
SELECT DISTINCT owned.operation
FROM owned JOIN identity_situation AS situation USING (anchor)
WHERE CASE owned.verb
    WHEN 'reactivate' THEN situation.expected = 'none' AND situation.situation = 'UNQUALIFIED'
    WHEN 'suspend' THEN situation.expected = 'active' AND situation.situation IN ('CONFIRMED', 'FOUND')
    ELSE situation.expected IN ('active', 'suspended') AND situation.situation IN ('CONFIRMED', 'FOUND')
END
ORDER BY owned.operation;

-- granted_again --
-- The entitlements that people should hold by the rules, of whom a removal was rejected, by the rejected one. Who should have no working account should hold nothing.
WITH rejected AS (
    SELECT unnest($operations::VARCHAR[]) AS operation, unnest($verbs::VARCHAR[]) AS verb, unnest($anchors::VARCHAR[]) AS stated, unnest($accounts::VARCHAR[]) AS account_id
),
owned AS (
    SELECT operation, coalesce(nullif(owner.anchor, ''), stated) AS anchor
    FROM rejected LEFT JOIN account_situation AS owner USING (account_id)
    WHERE verb = 'remove_member'
)
SELECT DISTINCT operation, entitlement_id FROM owned JOIN grant_row USING (anchor) JOIN grantee USING (anchor) ORDER BY operation, entitlement_id;
