-- former_group_names --
-- The names that groups of a target had in earlier snapshots of the same system, with those that they have now; the newest last.
SELECT now.id, before.name AS was, coalesce(before.type, '') AS type, now.name AS now
FROM store.entitlement_version AS now
JOIN store.entitlement_version AS before ON before.system = now.system AND before.id = now.id AND before.kind = now.kind
WHERE now.system = $target AND now.kind = 'group' AND now.valid_to IS NULL AND before.name <> now.name
    AND before.valid_from > coalesce((SELECT since FROM store.bound_system WHERE system = $target), 0)
GROUP BY ALL ORDER BY max(before.valid_from), now.id, was, type;
