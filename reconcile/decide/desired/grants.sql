-- judge_elsewhere --
-- Of the people whom a rule's condition concerns: who is in one of the groups that it looks at, and of whom that cannot be said.
--   anchor   VARCHAR  key
--   granted  VARCHAR
--   needs    VARCHAR
--   ...
CREATE TABLE narrowed_grant AS
SELECT result.* EXCLUDE (granted),
    CASE
        WHEN result.granted IS DISTINCT FROM 'true' THEN 'false'
        WHEN elsewhere.member THEN 'true'
        WHEN $doubtful OR elsewhere.anchor IS NOT NULL THEN 'maybe'
        ELSE 'false'
    END AS granted,
    coalesce(elsewhere.needs, '') AS needs
FROM stated_grant AS result LEFT JOIN elsewhere_member AS elsewhere USING (anchor);

-- take_stated_grants --
-- The same of a rule that looks at no other group.
--   anchor   VARCHAR  key
--   granted  VARCHAR
--   ...
CREATE VIEW narrowed_grant AS FROM stated_grant;

-- take_narrowed_grants --
-- The results of a rule that computes no list.
--   anchor   VARCHAR
--   granted  VARCHAR
--   ...
CREATE VIEW grant_results AS FROM narrowed_grant;

-- make_conditional_grants --
-- Grants that depend on an operation in another target.
--   anchor          VARCHAR
--   entitlement_id  VARCHAR
--   rule            VARCHAR
--   needs           VARCHAR
CREATE TABLE conditional_grant (anchor VARCHAR, entitlement_id VARCHAR, rule VARCHAR, needs VARCHAR);

-- make_undecided_grants --
-- Grants whose condition is undecided: such a membership is neither added nor removed.
--   anchor          VARCHAR
--   entitlement_id  VARCHAR
CREATE TABLE undecided_grant (anchor VARCHAR, entitlement_id VARCHAR);

-- add_named_conditional_grants --
-- Adds those of a rule that names its entitlement.
INSERT INTO conditional_grant SELECT anchor, $entitlement_id, $rule, needs FROM grant_results WHERE granted = 'true' AND needs <> '';

-- add_named_undecided_grants --
-- Adds the undecided grants of a rule that names its entitlement.
INSERT INTO undecided_grant SELECT anchor, $entitlement_id FROM grant_results WHERE granted = 'maybe';

-- add_computed_conditional_grants --
-- Adds those of a rule that computes its group's name.
INSERT INTO conditional_grant
SELECT result.anchor, known.id, $rule, result.needs
FROM grant_results AS result JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'true' AND result.needs <> '';

-- add_computed_undecided_grants --
-- Adds the undecided grants of a rule that computes its group's name.
INSERT INTO undecided_grant
SELECT result.anchor, known.id
FROM grant_results AS result JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'maybe';

-- people_in_doubt --
-- How many of the people who should have an account wait for what is to be decided elsewhere, and the first of them.
SELECT count(*), coalesce(list([eligibility.name, eligibility.anchor] ORDER BY eligibility.anchor)[1:3], [])
FROM narrowed_grant AS result JOIN eligibility USING (anchor)
WHERE result.granted = 'maybe' AND eligibility.expected IN ('active', 'suspended');

-- make_roles_held --
-- Which account has which role, where the roles of accounts are attributes of theirs: texts, or objects with a value; one alone may stand without a list.
--   account_id      VARCHAR  key
--   entitlement_id  VARCHAR  key
--   name            VARCHAR
CREATE TABLE role_held AS
WITH stated AS (
    SELECT id AS account_id, json_extract(attributes, $roles_path::VARCHAR) AS roles FROM store.record_version
    WHERE $roles_path IS NOT NULL AND system = $target AND valid_to IS NULL AND json_extract(attributes, $roles_path::VARCHAR) IS NOT NULL
),
entry AS (
    SELECT account_id, unnest(CASE WHEN json_type(roles) = 'ARRAY' THEN json_extract(roles, '$[*]') ELSE [roles] END) AS role FROM stated
),
named AS (
    SELECT account_id, CASE WHEN json_type(role) = 'OBJECT' THEN json_extract_string(role, '$.value') ELSE json_extract_string(role, '$') END AS name
    FROM entry
)
SELECT DISTINCT account_id, $prefix::VARCHAR || name AS entitlement_id, name FROM named WHERE coalesce(name, '') <> '';

-- make_entitlements --
-- What an account of the target can hold, with the roles that somebody has; groups that this plan creates are added to it.
--   id          VARCHAR  key
--   kind        VARCHAR
--   name        VARCHAR
--   read_only   VARCHAR
--   privileged  BOOLEAN
--   type        VARCHAR
CREATE TABLE entitlement AS
SELECT id, kind, name, read_only, privileged, coalesce(type, '') AS type FROM store.entitlement_version WHERE system = $target AND valid_to IS NULL
UNION ALL
SELECT DISTINCT entitlement_id, 'role', name, '', false, '' FROM role_held;

-- make_grants --
-- Which rule grants which entitlement to whom.
--   anchor          VARCHAR  key
--   entitlement_id  VARCHAR  key
--   rule            VARCHAR  key
CREATE TABLE grant_row (anchor VARCHAR, entitlement_id VARCHAR, rule VARCHAR);

-- add_named_grants --
-- The grants of one rule that names its group.
INSERT INTO grant_row SELECT result.anchor, $entitlement_id, $rule FROM grant_results AS result WHERE result.granted = 'true';

-- make_known_groups --
-- The groups that a computed name may mean: writable, by name alone.
--   name  VARCHAR  key
--   id    VARCHAR  key
CREATE VIEW known_group AS
SELECT named.name, named.id
FROM entitlement_name AS named JOIN entitlement ON entitlement.id = named.id
WHERE named.kind = 'group' AND entitlement.read_only = '' AND NOT named.by_kind;

-- add_computed_grants --
-- The grants of one rule that computes its group's name.
INSERT INTO grant_row
SELECT result.anchor, known.id, $rule
FROM grant_results AS result JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'true';

-- spread_name_list --
-- The results of a rule that computes lists of names: one row a name, trimmed, without empty ones and repeats.
--   anchor      VARCHAR
--   granted     VARCHAR
--   group_name  VARCHAR
CREATE TABLE grant_results AS
SELECT DISTINCT result.* EXCLUDE (group_name), trim(item.name, $blanks) AS group_name
FROM narrowed_grant AS result
JOIN name_list AS listed USING (anchor),
LATERAL (SELECT unnest(from_json(listed.values[1], '["VARCHAR"]')) AS name) AS item
WHERE trim(item.name, $blanks) <> '';

-- unknown_group_names --
-- Names a rule computed that are no writable group of the target, with how many people they concern.
WITH concerned AS (
    SELECT anchor, group_name FROM grant_results
    WHERE granted = 'true' AND group_name <> '' AND group_name NOT IN (SELECT name FROM known_group)
)
SELECT group_name, count(*) AS people FROM concerned
WHERE anchor IN (SELECT anchor FROM eligibility WHERE expected = 'active')
GROUP BY group_name ORDER BY group_name;

-- make_managed_groups --
-- The groups whose members are declared to be those that rules grant, and no others.
--   entitlement_id  VARCHAR
CREATE TABLE fully_managed AS SELECT unnest($ids::VARCHAR[]) AS entitlement_id;

-- make_unevaluated_rules --
-- The rules that cannot be evaluated, for whom (everybody where the anchor is NULL), and what they may grant (any group where that is NULL). Nothing that such a rule may grant is taken from a person who works.
--   rule            VARCHAR
--   anchor          VARCHAR
--   entitlement_id  VARCHAR
CREATE TABLE unevaluated_rule (rule VARCHAR, anchor VARCHAR, entitlement_id VARCHAR);

-- add_unevaluated_rule --
-- Adds a rule that cannot be evaluated for anybody.
INSERT INTO unevaluated_rule VALUES ($rule, NULL, $entitlement_id);

-- add_unevaluated_names --
-- Adds a rule that computes a name, for the people whose name is no writable group.
INSERT INTO unevaluated_rule
SELECT $rule, result.anchor, NULL
FROM grant_results AS result LEFT JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'true' AND coalesce(result.group_name, '') <> '' AND known.id IS NULL;

-- condition_without_result --
-- Whether the condition of a rule gives neither true nor false for anybody: what it reads is stated of nobody.
SELECT count(*) > 0 AND count(granted) = 0 FROM stated_grant;

-- name_without_result --
-- Whether a rule computes a name for nobody of those whom its condition selects.
SELECT count(*) > 0 AND count(group_name) = 0 FROM stated_grant WHERE granted = 'true';

-- make_frozen_groups --
-- The groups whose members were not read completely: nothing about them is decided.
--   entitlement_id  VARCHAR  key
CREATE TABLE frozen_group AS
SELECT known.id AS entitlement_id
FROM store.entitlement_version AS known
LEFT JOIN (
    SELECT name FROM store.scope_read
    WHERE system = $target AND complete AND kind IN ('members', 'assignments')
        AND number = (SELECT max(number) FROM store.snapshot WHERE system = $target)
) AS proven ON proven.name = known.id
WHERE known.system = $target AND known.valid_to IS NULL AND proven.name IS NULL;

-- make_grantees --
-- The people who should hold what rules grant them. Who is MISSING is remembered with the account that is gone; the new one has no id yet.
--   anchor      VARCHAR  key
--   situation   VARCHAR
--   account_id  VARCHAR
CREATE TABLE grantee AS
SELECT anchor, situation, CASE WHEN situation = 'MISSING' THEN '' ELSE coalesce(account_id, '') END AS account_id
FROM identity_situation
WHERE expected IN ('active', 'suspended') AND situation IN ('ABSENT', 'MISSING', 'CONFIRMED', 'FOUND');

-- inherited_members --
-- Who holds a fully managed group only through something else although no rule grants it: by group, how many, and the first of them.
WITH through AS (
    SELECT account_id, entitlement_id, min(via) AS via FROM store.membership_version
    WHERE system = $target AND valid_to IS NULL AND via <> '' AND entitlement_id IN (SELECT entitlement_id FROM fully_managed)
    GROUP BY account_id, entitlement_id
),
inherited AS (
    SELECT through.* FROM through WHERE NOT EXISTS (
        SELECT 1 FROM store.membership_version AS direct
        WHERE direct.system = $target AND direct.valid_to IS NULL AND direct.via = ''
            AND direct.account_id = through.account_id AND direct.entitlement_id = through.entitlement_id
    )
)
SELECT entitlement.kind, entitlement.name, count(*) AS members,
    list(coalesce(nullif(account.login, ''), account.account_id) ORDER BY account.account_id)[1:5] AS people,
    list(DISTINCT inherited.via ORDER BY inherited.via)[1:3] AS through
FROM inherited
JOIN entitlement ON entitlement.id = inherited.entitlement_id
JOIN account ON account.account_id = inherited.account_id
LEFT JOIN grantee ON grantee.account_id = inherited.account_id
LEFT JOIN (
    SELECT anchor, entitlement_id FROM grant_row WHERE entitlement_id IN (SELECT entitlement_id FROM inherited)
    UNION SELECT anchor, entitlement_id FROM undecided_grant
) AS wanted
    ON wanted.anchor = grantee.anchor AND wanted.entitlement_id = inherited.entitlement_id
WHERE wanted.anchor IS NULL AND entitlement.id NOT IN (SELECT entitlement_id FROM frozen_group)
GROUP BY entitlement.id, entitlement.kind, entitlement.name ORDER BY entitlement.kind, entitlement.name, entitlement.id;

-- use_computed_names --
-- Those that a rule computed for somebody.
INSERT INTO used_name
SELECT DISTINCT 'group', result.group_name, entitlement_name.id, $rule
FROM grant_results AS result
JOIN entitlement_name ON entitlement_name.kind = 'group' AND entitlement_name.name = result.group_name AND NOT entitlement_name.by_kind
WHERE result.granted = 'true';
