-- groups_of_system --
-- The groups of a system by name.
SELECT id, name FROM store.entitlement_version WHERE system = $system AND valid_to IS NULL AND kind = 'group' ORDER BY name, id;

-- groups_given_by_push --
-- The groups of which one push rule gave all that this job gave, by the rule.
SELECT min(given.rules) AS rule, given.entitlement_id
FROM store.granted AS given JOIN entitlement ON entitlement.id = given.entitlement_id
WHERE given.target = $target AND entitlement.kind = 'group'
GROUP BY given.entitlement_id HAVING min(given.rules) = max(given.rules) AND starts_with(min(given.rules), 'groups.push.')
ORDER BY rule, given.entitlement_id;

-- groups_left_behind --
-- The target's groups that were pushed from a group of the source that is gone: the id, the name, and how many memberships it has.
SELECT known.id, known.name,
    (SELECT count(*) FROM store.membership_version AS held
     WHERE held.system = $target AND held.valid_to IS NULL AND held.entitlement_id = known.id) AS members
FROM remembered_name AS remembered JOIN entitlement AS known ON known.id = remembered.id
WHERE remembered.kind = 'group' AND starts_with(remembered.name, $prefix)
    AND substr(remembered.name, length($prefix) + 1)
        NOT IN (SELECT id FROM store.entitlement_version WHERE system = $source AND valid_to IS NULL AND kind = 'group')
    AND known.kind = 'group' AND known.read_only = '' AND known.id NOT IN (SELECT entitlement_id FROM frozen_group)
    AND known.id NOT IN (SELECT entitlement_id FROM used_name WHERE entitlement_id IS NOT NULL)
ORDER BY known.name, known.id;
