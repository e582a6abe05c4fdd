-- add_new_entitlements --
-- Groups that this plan creates, known by their name until they have an id, and roles that nobody has yet.
INSERT INTO entitlement SELECT unnest($ids::VARCHAR[]), unnest($kinds::VARCHAR[]), unnest($names::VARCHAR[]), '', false, '';

-- entitlements --
-- The entitlements of a target by name.
SELECT id, kind, name, read_only, privileged, type FROM entitlement ORDER BY name, id;

-- make_remembered_names --
-- Which entitlement of the target each name meant when a live run used it last. A store that remembers none yet takes them from the ledger: what a rule gave, by the name that it had then.
--   kind  VARCHAR  key
--   name  VARCHAR  key
--   id    VARCHAR
CREATE TABLE remembered_name AS
WITH rule AS (SELECT unnest($rules::VARCHAR[]) AS rule, unnest($named::VARCHAR[]) AS name),
given AS (SELECT DISTINCT entitlement_id, unnest(string_split(rules, ', ')) AS rule FROM store.granted WHERE target = $target),
called AS (
    SELECT version.kind, version.name, version.id, version.valid_from
    FROM store.entitlement_version AS version
    JOIN given ON given.entitlement_id = version.id
    JOIN rule ON rule.rule = given.rule AND (rule.name = version.name OR rule.name = '')
    WHERE version.system = $target AND NOT EXISTS (SELECT 1 FROM store.entitlement_name WHERE target = $target)
        AND version.valid_from > coalesce((SELECT since FROM store.bound_system WHERE system = $target), 0)
)
SELECT kind, name, entitlement_id AS id FROM store.entitlement_name WHERE target = $target
UNION ALL
SELECT kind, name, arg_max(id, (valid_from, id)) FROM called GROUP BY kind, name;

-- make_entitlement_names --
-- What each name means: the one that has it, or of several the one that it meant before, or whose members can be changed; else the one that had it, where that goes by another name now.
--   kind         VARCHAR    key
--   name         VARCHAR    key
--   ids          VARCHAR[]
--   types        VARCHAR[]
--   by_kind      BOOLEAN
--   renamed_id   VARCHAR
--   now          VARCHAR
--   id           VARCHAR
--   used_before  BOOLEAN
CREATE TABLE entitlement_name AS
WITH called AS (
    SELECT id, kind, name, read_only, type, false AS by_kind FROM entitlement
    UNION ALL
    SELECT id, kind, 'kind:' || type || ':' || name, read_only, type, true FROM entitlement
    WHERE type <> '' AND NOT contains(type, ':')
),
named AS (
    SELECT kind, name, list(id ORDER BY id) AS ids, list(type ORDER BY id) AS types, count(*) FILTER (WHERE read_only = '') AS writable,
        min(id) FILTER (WHERE read_only = '') AS first_writable, bool_or(by_kind) AS by_kind
    FROM called GROUP BY kind, name
),
renamed AS (
    SELECT remembered.kind, remembered.name, known.id, known.name AS now, remembered.by_kind
    FROM (SELECT *, starts_with(name, 'kind:') AS by_kind FROM remembered_name) AS remembered
    JOIN called AS known ON known.kind = remembered.kind AND known.id = remembered.id AND known.by_kind = remembered.by_kind
    WHERE known.name <> remembered.name
)
SELECT kind, name, coalesce(named.ids, []) AS ids, coalesce(named.types, []) AS types, coalesce(named.by_kind, renamed.by_kind) AS by_kind,
    coalesce(renamed.id, '') AS renamed_id, coalesce(renamed.now, '') AS now,
    CASE
        WHEN named.ids IS NULL THEN renamed.id
        WHEN renamed.id IS NOT NULL THEN NULL
        WHEN len(named.ids) = 1 THEN named.ids[1]
        WHEN list_contains(named.ids, remembered.id) THEN remembered.id
        WHEN named.writable = 1 THEN named.first_writable
    END AS id,
    coalesce(list_contains(named.ids, remembered.id), false) AS used_before
FROM named FULL JOIN renamed USING (kind, name) LEFT JOIN remembered_name AS remembered USING (kind, name);

-- entitlement_names --
-- The names with what they mean, NULL where that cannot be told, the entitlements that have them, and the one that had one and is named otherwise now.
SELECT kind, name, id, ids, types, renamed_id, now FROM entitlement_name ORDER BY kind, name;

-- add_entitlement_names --
-- Those that this plan creates.
INSERT INTO entitlement_name SELECT kind, name, [id], [''], false, '', '', id, false
FROM (SELECT unnest($ids::VARCHAR[]) AS id, unnest($kinds::VARCHAR[]) AS kind, unnest($names::VARCHAR[]) AS name);

-- make_used_names --
-- The names that the mappings use, by whom, with what they mean; NULL where that cannot be told.
--   kind            VARCHAR
--   name            VARCHAR
--   entitlement_id  VARCHAR
--   used_by         VARCHAR
CREATE TABLE used_name (kind VARCHAR, name VARCHAR, entitlement_id VARCHAR, used_by VARCHAR);

-- use_names --
-- Some of them.
INSERT INTO used_name
SELECT unnest($kinds::VARCHAR[]), unnest($names::VARCHAR[]), unnest($entitlement_ids::VARCHAR[]), unnest($users::VARCHAR[]);

-- renamed_entitlements --
-- The entitlements that are used by a name which they do not have any more.
SELECT used.kind, used.name, named.now, named.id, list(DISTINCT used.used_by ORDER BY used.used_by)
FROM used_name AS used JOIN entitlement_name AS named USING (kind, name)
WHERE named.renamed_id <> '' AND named.id = named.renamed_id AND NOT starts_with(used.name, 'push:')
GROUP BY used.kind, used.name, named.now, named.id ORDER BY used.kind, used.name;

-- shared_names --
-- The names that are used and that several entitlements have, with the one that counts.
SELECT DISTINCT used.kind, used.name, named.ids, named.id, named.used_before
FROM used_name AS used JOIN entitlement_name AS named USING (kind, name)
WHERE len(named.ids) > 1 AND named.id IS NOT NULL ORDER BY used.kind, used.name;

-- replaced_entitlements --
-- The names whose entitlement is gone, and which another one has now.
SELECT DISTINCT used.kind, used.name, remembered.id AS was, used.entitlement_id AS now
FROM used_name AS used JOIN remembered_name AS remembered USING (kind, name)
WHERE used.entitlement_id IS NOT NULL AND used.entitlement_id <> remembered.id AND NOT starts_with(used.entitlement_id, chr(31))
    AND remembered.id NOT IN (SELECT id FROM entitlement) AND NOT starts_with(used.name, 'push:')
ORDER BY used.kind, used.name;

-- names_to_remember --
-- What the names mean where the store does not remember it so, and the remembered names that nothing uses any more. A computed name may be used again, and a pushed group is remembered until it is gone itself.
SELECT kind, name, entitlement_id, false AS forget FROM (
    SELECT DISTINCT kind, name, entitlement_id FROM used_name
    WHERE entitlement_id IS NOT NULL AND kind <> 'role' AND NOT starts_with(entitlement_id, chr(31))
        AND NOT (kind = 'group' AND name IN (SELECT name FROM pending_name))
) AS used
WHERE NOT EXISTS (
    SELECT 1 FROM store.entitlement_name AS remembered
    WHERE remembered.target = $target AND remembered.kind = used.kind AND remembered.name = used.name
        AND remembered.entitlement_id = used.entitlement_id
)
UNION ALL
SELECT kind, name, entitlement_id, true AS forget FROM store.entitlement_name AS remembered
WHERE target = $target AND NOT (kind = 'group' AND $computes_groups)
    AND NOT (starts_with(name, 'push:') AND entitlement_id IN (SELECT id FROM entitlement))
    AND NOT EXISTS (SELECT 1 FROM used_name AS used WHERE used.kind = remembered.kind AND used.name = remembered.name)
ORDER BY kind, name, forget;
