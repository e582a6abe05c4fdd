-- group_renames --
-- The groups whose people all get one name that no group has, by the rule that put them there: the id, the name, the new name, and how many people get it.
WITH wish AS (
    SELECT anchor, group_name FROM grant_results
    WHERE granted = 'true' AND coalesce(group_name, '') <> ''
        AND anchor IN (SELECT anchor FROM eligibility WHERE expected IN ('active', 'suspended'))
),
given AS (
    SELECT granted.entitlement_id, granted.rules, person.anchor, wish.group_name
    FROM store.granted AS granted
    JOIN identity_situation AS person ON person.account_id = granted.account_id AND person.expected IN ('active', 'suspended')
    LEFT JOIN wish ON wish.anchor = person.anchor
    WHERE granted.target = $target
),
renamed AS (
    SELECT known.id, known.name, min(given.group_name) AS new_name, count(given.group_name) AS going
    FROM given JOIN entitlement AS known ON known.id = given.entitlement_id
    WHERE known.kind = 'group' AND known.read_only = '' AND known.id NOT IN (SELECT entitlement_id FROM frozen_group)
        AND known.name NOT IN (SELECT group_name FROM wish)
        AND NOT list_has_any($named::VARCHAR[], [known.name, 'id:' || known.id, 'kind:' || known.type || ':' || known.name])
        AND NOT EXISTS (SELECT 1 FROM remembered_name AS other WHERE other.kind = 'group' AND other.id = known.id AND other.name <> known.name)
    GROUP BY known.id, known.name
    HAVING bool_and(given.rules = $rule) AND count(DISTINCT given.group_name) = 1 AND count(given.group_name) >= 2
        AND 2 * count(given.group_name) > count(*)
)
SELECT id, name, new_name, going FROM renamed
WHERE new_name NOT IN (SELECT name FROM entitlement_name WHERE kind = 'group')
QUALIFY count(*) OVER (PARTITION BY new_name) = 1
ORDER BY name, id;

-- rename_entitlement --
-- Gives a group the name that it will have.
UPDATE entitlement SET name = $name WHERE id = $id;

-- make_pending_names --
-- The new names that this plan gives to groups: they are remembered once a group has its name.
--   name            VARCHAR
--   entitlement_id  VARCHAR
CREATE TABLE pending_name (name VARCHAR, entitlement_id VARCHAR);

-- add_pending_name --
-- One of them.
INSERT INTO pending_name VALUES ($name, $id);
