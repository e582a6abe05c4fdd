-- make_known_entitlements --
-- What an account of the target can hold; groups that this plan creates are added to it.
CREATE OR REPLACE TABLE known_entitlement AS
SELECT id, kind, name, read_only, privileged, coalesce(type, '') AS type FROM store.entitlement_version WHERE system = $target AND valid_to IS NULL;

-- add_new_entitlement --
-- A group that this plan creates, known by its name until it has an id, or a role that nobody has yet.
INSERT INTO known_entitlement VALUES ($id, $kind, $name, '', false, '');

-- make_roles_held --
-- Which account has which role, where the roles of accounts are attributes of theirs.
CREATE OR REPLACE TABLE role_held (account_id VARCHAR, entitlement_id VARCHAR, name VARCHAR);

-- add_roles_held --
-- They are listed as texts, or as objects with a value; one alone may stand without a list.
INSERT INTO role_held
WITH stated AS (
    SELECT id AS account_id, json_extract(attributes, $roles_path) AS roles FROM store.record_version
    WHERE system = $target AND valid_to IS NULL AND json_extract(attributes, $roles_path) IS NOT NULL
),
entry AS (
    SELECT account_id, unnest(CASE WHEN json_type(roles) = 'ARRAY' THEN json_extract(roles, '$[*]') ELSE [roles] END) AS role FROM stated
),
named AS (
    SELECT account_id, CASE WHEN json_type(role) = 'OBJECT' THEN json_extract_string(role, '$.value') ELSE json_extract_string(role, '$') END AS name
    FROM entry
)
SELECT DISTINCT account_id, $prefix || name, name FROM named WHERE coalesce(name, '') <> '';

-- know_roles --
-- A role that somebody has exists.
INSERT INTO known_entitlement SELECT DISTINCT entitlement_id, 'role', name, '', false, '' FROM role_held;

-- entitlements --
-- The entitlements of a target by name.
SELECT id, kind, name, read_only, privileged, type FROM known_entitlement ORDER BY name, id;

-- make_grants --
-- Which rule grants which entitlement to whom.
CREATE OR REPLACE TABLE grant_row (anchor VARCHAR, entitlement_id VARCHAR, rule VARCHAR);

-- add_named_grants --
-- The grants of one rule that names its group.
INSERT INTO grant_row SELECT result.anchor, $entitlement_id, $rule FROM grant_results AS result WHERE result.granted = 'true';

-- make_known_groups --
-- The groups that a computed name may mean: writable, by name alone.
CREATE OR REPLACE TABLE known_group AS
SELECT named.name, named.id
FROM entitlement_name AS named JOIN known_entitlement AS known ON known.id = named.id
WHERE named.kind = 'group' AND known.read_only = '' AND NOT named.by_kind;

-- add_computed_grants --
-- The grants of one rule that computes its group's name.
INSERT INTO grant_row
SELECT result.anchor, known.id, $rule
FROM grant_results AS result JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'true';

-- drop_name_list --
-- Makes room for the next rule.
DROP TABLE IF EXISTS name_list;

-- spread_name_list --
-- The results of a rule that computes lists of names: one row a name, trimmed, without empty ones and repeats.
CREATE OR REPLACE TABLE grant_results AS
SELECT DISTINCT result.* EXCLUDE (group_name), trim(item.name, $blanks) AS group_name
FROM grant_results AS result
JOIN name_list AS listed USING (anchor),
LATERAL (SELECT unnest(from_json(listed.vals[1], '["VARCHAR"]')) AS name) AS item
WHERE trim(item.name, $blanks) <> '';

-- unknown_group_names --
-- Names a rule computed that are no writable group of the target, with how many people they concern.
WITH concerned AS (
    SELECT anchor, group_name FROM grant_results
    WHERE granted = 'true' AND group_name <> '' AND group_name NOT IN (SELECT name FROM known_group)
)
SELECT group_name, count(*) AS people FROM concerned
WHERE anchor IN (SELECT anchor FROM due WHERE expected = 'due')
GROUP BY group_name ORDER BY group_name;

-- make_managed_groups --
-- The groups whose members are declared to be those that rules grant, and no others.
CREATE OR REPLACE TABLE fully_managed (entitlement_id VARCHAR);

-- add_managed_group --
-- One of them.
INSERT INTO fully_managed VALUES ($entitlement_id);

-- make_unfollowed --
-- The rules that cannot be evaluated, for whom (everybody where the anchor is NULL), and what they may grant (any group where that is NULL). Nothing that such a rule may grant is taken from a person who works.
CREATE OR REPLACE TABLE unfollowed (rule VARCHAR, anchor VARCHAR, entitlement_id VARCHAR);

-- add_unfollowed --
-- One of them, for everybody.
INSERT INTO unfollowed VALUES ($rule, NULL, $entitlement_id);

-- add_unfollowed_names --
-- One that computes a name, for the people whose name is no writable group.
INSERT INTO unfollowed
SELECT $rule, result.anchor, NULL
FROM grant_results AS result LEFT JOIN known_group AS known ON known.name = result.group_name
WHERE result.granted = 'true' AND coalesce(result.group_name, '') <> '' AND known.id IS NULL;

-- condition_without_result --
-- Whether the condition of a rule gives neither true nor false for anybody: what it reads is stated of nobody.
SELECT count(*) > 0 AND count(granted) = 0 FROM grant_results;

-- name_without_result --
-- Whether a rule computes a name for nobody of those whom its condition selects.
SELECT count(*) > 0 AND count(group_name) = 0 FROM grant_results WHERE granted = 'true';

-- make_frozen_groups --
-- The groups whose members were not read completely: nothing about them is decided.
CREATE OR REPLACE TABLE frozen_group AS
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
CREATE OR REPLACE TABLE grantee AS
SELECT anchor, situation, CASE WHEN situation = 'MISSING' THEN '' ELSE coalesce(account_id, '') END AS account_id
FROM identity_situation
WHERE expected IN ('due', 'away') AND situation IN ('ABSENT', 'MISSING', 'CONFIRMED', 'FOUND');

-- make_leaving --
-- The accounts of leavers: of people who should have no working account and are not on leave, and of people who are proven to be gone.
CREATE OR REPLACE TABLE leaving_account AS
SELECT situation.account_id FROM account_situation AS situation JOIN due USING (anchor)
WHERE situation.situation = 'UNQUALIFIED' AND due.expected = 'not_due' AND NOT (due.state = 'leave' AND $leave_ends)
UNION
SELECT account_id FROM vanished_account;

-- make_changing --
-- The accounts that hold anything else than what rules grant them, judged by a sum over each account's memberships: on most nights few of many. Who has no account yet is one of them.
CREATE OR REPLACE TABLE changing AS
WITH judged AS (
    SELECT entitlement_id FROM grant_row
    UNION SELECT entitlement_id FROM fully_managed
    UNION SELECT entitlement_id FROM store.granted WHERE target = $target
),
granted_by_several AS (
    SELECT entitlement_id FROM (SELECT DISTINCT entitlement_id, rule FROM grant_row) GROUP BY entitlement_id HAVING count(*) > 1
),
granted_once AS (
    SELECT anchor, entitlement_id FROM grant_row WHERE entitlement_id NOT IN (SELECT entitlement_id FROM granted_by_several)
    UNION ALL
    SELECT DISTINCT anchor, entitlement_id FROM grant_row WHERE entitlement_id IN (SELECT entitlement_id FROM granted_by_several)
),
granted AS (SELECT anchor, bit_xor(hash(entitlement_id)) AS mark, count(*) AS memberships FROM granted_once GROUP BY anchor),
wanted AS (
    SELECT grantee.account_id, granted.mark, granted.memberships FROM granted JOIN grantee USING (anchor) WHERE grantee.account_id <> ''
),
held AS (
    -- Two accounts with one hash are judged together, and compared one by one if their sum differs.
    SELECT hash(account_id) AS account, bit_xor(hash(entitlement_id)) AS mark, count(*) AS memberships
    FROM (
        SELECT account_id, entitlement_id FROM store.membership_version WHERE system = $target AND valid_to IS NULL
        UNION ALL
        SELECT account_id, entitlement_id FROM role_held
    )
    WHERE entitlement_id IN (SELECT entitlement_id FROM judged)
    GROUP BY account
)
SELECT account.account_id, account.anchor
FROM account_situation AS account
LEFT JOIN wanted ON wanted.account_id = account.account_id
LEFT JOIN held ON held.account = hash(account.account_id)
WHERE wanted.mark IS DISTINCT FROM held.mark OR wanted.memberships IS DISTINCT FROM held.memberships
UNION ALL
SELECT '', anchor FROM grantee WHERE account_id = ''
UNION ALL
SELECT account_id, '' FROM leaving_account WHERE $lose_all;

-- membership_changes --
-- Memberships to add and to remove. A removal needs a direct membership, and that this job granted it, or that the group is declared fully managed.
WITH granted AS (
    SELECT grant_row.anchor, grant_row.entitlement_id, list(DISTINCT grant_row.rule ORDER BY grant_row.rule) AS rules
    FROM grant_row
    WHERE grant_row.anchor IN (SELECT anchor FROM changing)
    GROUP BY ALL
),
resting AS (
    SELECT anchor, entitlement_id, count(DISTINCT rule) AS rules, min(needs) AS needs FROM resting_row GROUP BY anchor, entitlement_id
),
wanted AS (SELECT granted.*, grantee.situation, grantee.account_id FROM granted JOIN grantee USING (anchor)),
member AS (
    -- Held in any way is held: nothing is added. Only what is held directly can be taken.
    SELECT account_id, entitlement_id, bool_or(via = '') AS direct FROM store.membership_version
    WHERE system = $target AND valid_to IS NULL AND account_id IN (SELECT account_id FROM changing)
    GROUP BY account_id, entitlement_id
    UNION ALL
    SELECT account_id, entitlement_id, true FROM role_held WHERE account_id IN (SELECT account_id FROM changing)
),
owned AS (
    SELECT account_id, entitlement_id, run, rules FROM store.granted WHERE target = $target AND account_id IN (SELECT account_id FROM changing)
),
settled_account AS (
    SELECT situation.account_id, situation.situation, situation.anchor, coalesce(due.expected, '') AS expected,
        situation.situation IN ('CONFIRMED', 'FOUND', 'UNQUALIFIED')
            OR situation.account_id IN (SELECT account_id FROM vanished_account) AS decided
    FROM account_situation AS situation LEFT JOIN due USING (anchor)
),
added AS (
    -- What one rule grants in any case rests on nothing.
    SELECT 'add_member' AS verb, wanted.anchor, wanted.account_id, wanted.entitlement_id, wanted.situation, wanted.rules,
        CASE WHEN resting.rules = len(wanted.rules) THEN resting.needs ELSE '' END AS needs,
        '' AS granted_by, '' AS granted_in
    FROM wanted LEFT JOIN member ON member.account_id = wanted.account_id AND member.entitlement_id = wanted.entitlement_id
    LEFT JOIN resting ON resting.anchor = wanted.anchor AND resting.entitlement_id = wanted.entitlement_id
    WHERE member.account_id IS NULL
),
removed AS (
    SELECT 'remove_member' AS verb, settled.anchor, member.account_id, member.entitlement_id, settled.situation, []::VARCHAR[] AS rules,
        '' AS needs,
        coalesce(owned.rules, '') AS granted_by, coalesce(owned.run, '') AS granted_in
    FROM member
    JOIN settled_account AS settled ON settled.account_id = member.account_id
    LEFT JOIN owned ON owned.account_id = member.account_id AND owned.entitlement_id = member.entitlement_id
    LEFT JOIN fully_managed AS managed ON managed.entitlement_id = member.entitlement_id
    LEFT JOIN known_entitlement AS known ON known.id = member.entitlement_id
    LEFT JOIN wanted ON wanted.account_id = member.account_id AND wanted.entitlement_id = member.entitlement_id
    LEFT JOIN (SELECT DISTINCT anchor, entitlement_id FROM maybe_row) AS maybe
        ON maybe.anchor = settled.anchor AND maybe.entitlement_id = member.entitlement_id AND settled.situation IN ('CONFIRMED', 'FOUND')
    WHERE wanted.anchor IS NULL AND maybe.anchor IS NULL AND member.direct
        AND NOT (settled.situation IN ('CONFIRMED', 'FOUND') AND EXISTS (
            SELECT 1 FROM unfollowed
            WHERE (unfollowed.anchor IS NULL OR unfollowed.anchor = settled.anchor)
                AND (list_contains(string_split(owned.rules, ', '), unfollowed.rule) OR (managed.entitlement_id IS NOT NULL AND (
                    unfollowed.entitlement_id = member.entitlement_id OR (unfollowed.entitlement_id IS NULL AND known.kind = 'group'))))
        ))
        AND settled.expected NOT IN ('held', 'future')
        AND (
            (owned.account_id IS NOT NULL AND settled.decided)
            OR ($lose_all AND settled.decided AND member.account_id IN (SELECT account_id FROM leaving_account))
            OR (managed.entitlement_id IS NOT NULL AND (settled.decided OR (settled.situation = 'UNASSIGNED' AND $claims_proven)))
        )
)
SELECT change.verb, change.anchor, change.account_id, change.entitlement_id, change.situation, change.rules, change.needs, change.granted_by,
    change.granted_in, known.name AS entitlement, known.kind, known.privileged
FROM (FROM added UNION ALL FROM removed) AS change
JOIN known_entitlement AS known ON known.id = change.entitlement_id
WHERE change.entitlement_id NOT IN (SELECT entitlement_id FROM frozen_group) AND known.read_only = ''
ORDER BY change.verb, change.entitlement_id, change.anchor, change.account_id;

-- kept_by_leavers --
-- The direct memberships that some leaving accounts hold, which could be taken.
WITH held AS (
    SELECT account_id, entitlement_id FROM store.membership_version WHERE system = $target AND valid_to IS NULL AND via = ''
    UNION SELECT account_id, entitlement_id FROM role_held
)
SELECT held.account_id, held.entitlement_id, account.login, known.kind, known.name, known.privileged
FROM held
JOIN leaving_account AS leaving ON leaving.account_id = held.account_id
JOIN account ON account.account_id = held.account_id
JOIN known_entitlement AS known ON known.id = held.entitlement_id
WHERE held.account_id IN (SELECT unnest($ids::VARCHAR[])) AND known.read_only = ''
    AND held.entitlement_id NOT IN (SELECT entitlement_id FROM frozen_group)
ORDER BY account.login, held.account_id, known.name, held.entitlement_id;

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
SELECT known.kind, known.name, count(*) AS members,
    list(coalesce(nullif(account.login, ''), account.account_id) ORDER BY account.account_id)[1:5] AS people,
    list(DISTINCT inherited.via ORDER BY inherited.via)[1:3] AS through
FROM inherited
JOIN known_entitlement AS known ON known.id = inherited.entitlement_id
JOIN account ON account.account_id = inherited.account_id
LEFT JOIN grantee ON grantee.account_id = inherited.account_id
LEFT JOIN (
    SELECT anchor, entitlement_id FROM grant_row WHERE entitlement_id IN (SELECT entitlement_id FROM inherited)
    UNION SELECT anchor, entitlement_id FROM maybe_row
) AS wanted
    ON wanted.anchor = grantee.anchor AND wanted.entitlement_id = inherited.entitlement_id
WHERE wanted.anchor IS NULL AND known.id NOT IN (SELECT entitlement_id FROM frozen_group)
GROUP BY known.id, known.kind, known.name ORDER BY known.kind, known.name, known.id;
