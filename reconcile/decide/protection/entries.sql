-- make_protected_names --
-- Every login and address of the accounts of one target, and their ids, folded. The paths are those of the attributes that hold one.
--   subject  VARCHAR  key
--   name     VARCHAR  key
CREATE TABLE protected_name AS
SELECT DISTINCT subject, comparable(name) AS name FROM (
    SELECT id AS subject, unnest(list_append(json_extract_string(attributes, $paths::VARCHAR[]), id)) AS name
    FROM store.record_version WHERE system = $target AND valid_to IS NULL
) WHERE name IS NOT NULL;

-- make_protected_anchors --
-- Every anchor that a source states, also in a row that cannot be used, and every anchor that a link remembers, folded.
--   subject  VARCHAR  key
--   name     VARCHAR  key
CREATE TABLE protected_name AS
SELECT subject, comparable(subject) AS name FROM (
    SELECT anchor AS subject FROM judged
    UNION SELECT anchor AS subject FROM alias
    UNION SELECT anchor AS subject FROM store.link
) WHERE trim(coalesce(subject, '')) <> '';

-- subjects_named --
-- The accounts or anchors with one of some names.
SELECT name, subject FROM protected_name WHERE name IN (SELECT unnest($names::VARCHAR[])) ORDER BY name, subject;

-- subjects_like --
-- The accounts or anchors with a name that matches a pattern.
SELECT DISTINCT subject FROM protected_name WHERE regexp_full_match(name, $regex, 's') ORDER BY subject;

-- names_nearly --
-- The names that differ from one in leading zeros, else in as many letters as a typing mistake changes.
WITH near AS (
    SELECT DISTINCT name, ltrim(name, '0') = ltrim($name, '0') AS by_zeros, damerau_levenshtein(name, $name) AS distance
    FROM protected_name WHERE name <> $name AND (
        ltrim(name, '0') = ltrim($name, '0')
        OR (abs(len(name) - len($name)) <= $most AND damerau_levenshtein(name, $name) <= $most)
    )
)
SELECT name FROM near WHERE by_zeros = (SELECT bool_or(by_zeros) FROM near) ORDER BY distance, name LIMIT 4;

-- people_stating --
-- How many people some attribute gives a value that matches a pattern.
SELECT count(*) FROM identity
WHERE len(list_filter(
    json_extract_string(to_json(identity), '$.*'), lambda stated: stated IS NOT NULL AND regexp_full_match(comparable(stated), $regex, 's')
)) > 0;

-- groups_of_target --
-- The groups of a target: id, name and kind.
SELECT id, name, coalesce(type, '') FROM store.entitlement_version WHERE system = $target AND kind = 'group' AND valid_to IS NULL ORDER BY name, id;

-- members_of_groups --
-- Who is in some groups, directly or through another one.
SELECT DISTINCT entitlement_id, account_id FROM store.membership_version
WHERE system = $target AND valid_to IS NULL AND entitlement_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY entitlement_id, account_id;

-- other_anchors --
-- Every anchor of the people who have one of these, each with one of them.
SELECT other.anchor, min(mine.anchor) AS of_anchor FROM alias AS mine JOIN alias AS other USING (identity)
WHERE mine.anchor IN (SELECT unnest($anchors::VARCHAR[])) AND other.anchor NOT IN (SELECT unnest($anchors::VARCHAR[]))
GROUP BY other.anchor ORDER BY other.anchor;
