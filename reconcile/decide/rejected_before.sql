-- contradicted_rejections --
-- The rejected changes of state whose cause is gone: a person who was to lose an account should have a working one now, or one who was to get it back should have none.
SELECT rejected.operation
FROM (SELECT unnest($operations::VARCHAR[]) AS operation, unnest($verbs::VARCHAR[]) AS verb, unnest($anchors::VARCHAR[]) AS anchor) AS rejected
JOIN identity_situation AS situation USING (anchor)
WHERE CASE rejected.verb
    WHEN 'reactivate' THEN situation.expected = 'none' AND situation.situation = 'UNQUALIFIED'
    WHEN 'suspend' THEN situation.expected = 'active' AND situation.situation IN ('CONFIRMED', 'FOUND')
    ELSE situation.expected IN ('active', 'suspended') AND situation.situation IN ('CONFIRMED', 'FOUND')
END
ORDER BY rejected.operation;

-- grants_of_people --
-- The entitlements that rules grant to some people.
SELECT DISTINCT anchor, entitlement_id FROM grant_row WHERE anchor IN (SELECT unnest($anchors::VARCHAR[])) ORDER BY anchor, entitlement_id;
