-- make_leaving --
-- The accounts of leavers: of people who should have no working account and are not on leave, and of people who are proven to be gone.
--   account_id  VARCHAR  key
CREATE TABLE leaving_account AS
SELECT situation.account_id FROM account_situation AS situation JOIN eligibility USING (anchor)
WHERE situation.situation = 'UNQUALIFIED' AND eligibility.expected = 'none' AND NOT (eligibility.state = 'leave' AND $leave_ends)
UNION
SELECT account_id FROM vanished_account;

-- make_granted_entitlements --
-- The entitlements that rules grant to anybody, and whether several rules do.
--   entitlement_id  VARCHAR  key
--   by_several      BOOLEAN
CREATE TABLE granted_entitlement AS
SELECT entitlement_id, min(rule) <> max(rule) AS by_several FROM grant_row GROUP BY entitlement_id;

-- make_changing --
-- The accounts that hold anything else than what rules grant them, judged by a sum over each account's memberships: on most nights few of many. Who has no account yet is one of them.
--   account_id  VARCHAR  key
--   anchor      VARCHAR  key
CREATE TABLE changing AS
WITH judged AS (
    SELECT entitlement_id FROM granted_entitlement
    UNION SELECT entitlement_id FROM fully_managed
    UNION SELECT entitlement_id FROM store.granted WHERE target = $target
),
granted_by_several AS (SELECT entitlement_id FROM granted_entitlement WHERE by_several),
granted_once AS (
    SELECT anchor, entitlement_id FROM grant_row WHERE entitlement_id NOT IN (SELECT entitlement_id FROM granted_by_several)
    UNION ALL
    SELECT DISTINCT anchor, entitlement_id FROM grant_row WHERE entitlement_id IN (SELECT entitlement_id FROM granted_by_several)
),
-- Two people with one hash are judged together, and compared one by one if their sum differs; so are two accounts.
granted AS (SELECT hash(anchor) AS person, bit_xor(hash(entitlement_id)) AS membership_hash, count(*) AS memberships FROM granted_once GROUP BY person),
wanted AS (
    SELECT grantee.account_id, granted.membership_hash, granted.memberships
    FROM granted JOIN grantee ON hash(grantee.anchor) = granted.person WHERE grantee.account_id <> ''
),
held AS (
    SELECT hash(account_id) AS account, bit_xor(hash(entitlement_id)) AS membership_hash, count(*) AS memberships
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
WHERE wanted.membership_hash IS DISTINCT FROM held.membership_hash OR wanted.memberships IS DISTINCT FROM held.memberships
UNION ALL
SELECT '', anchor FROM grantee WHERE account_id = ''
UNION ALL
SELECT account_id, '' FROM leaving_account WHERE $lose_all;

-- make_membership_changes --
-- Memberships to add and to remove. A removal needs a direct membership, and that this job granted it, or that the group is declared fully managed.
--   verb            VARCHAR    key
--   anchor          VARCHAR    key
--   account_id      VARCHAR    key
--   entitlement_id  VARCHAR    key
--   situation       VARCHAR
--   rules           VARCHAR[]
--   needs           VARCHAR
--   granted_by      VARCHAR
--   granted_in      VARCHAR
--   entitlement     VARCHAR
--   kind            VARCHAR
--   privileged      BOOLEAN
CREATE TABLE membership_change AS
WITH granted_by_several AS (SELECT entitlement_id FROM granted_entitlement WHERE by_several),
recipient AS (SELECT anchor, situation, account_id FROM grantee WHERE anchor IN (SELECT anchor FROM changing)),
-- Made for each of its two readers: kept, the millions of rows of a first night take twice the time, and who has no account loses nothing.
wanted AS NOT MATERIALIZED (
    -- Of what one rule alone grants, nothing is gathered: of a first night that is nearly all.
    SELECT anchor, entitlement_id, [rule] AS rules, situation, account_id FROM grant_row JOIN recipient USING (anchor)
    WHERE entitlement_id NOT IN (SELECT entitlement_id FROM granted_by_several)
    UNION ALL
    SELECT anchor, entitlement_id, list(DISTINCT rule ORDER BY rule) AS rules, situation, account_id FROM grant_row JOIN recipient USING (anchor)
    WHERE entitlement_id IN (SELECT entitlement_id FROM granted_by_several)
    GROUP BY anchor, entitlement_id, situation, account_id
),
conditional AS (
    SELECT anchor, entitlement_id, count(DISTINCT rule) AS rules, min(needs) AS needs FROM conditional_grant GROUP BY anchor, entitlement_id
),
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
    SELECT situation.account_id, situation.situation, situation.anchor, coalesce(eligibility.expected, '') AS expected,
        situation.situation IN ('CONFIRMED', 'FOUND', 'UNQUALIFIED')
            OR situation.account_id IN (SELECT account_id FROM vanished_account) AS decided
    FROM account_situation AS situation LEFT JOIN eligibility USING (anchor)
),
added AS (
    -- A membership that one rule grants unconditionally needs nothing.
    SELECT 'add_member' AS verb, wanted.anchor, wanted.account_id, wanted.entitlement_id, wanted.situation, wanted.rules,
        CASE WHEN conditional.rules = len(wanted.rules) THEN conditional.needs ELSE '' END AS needs,
        '' AS granted_by, '' AS granted_in
    FROM wanted LEFT JOIN member ON member.account_id = wanted.account_id AND member.entitlement_id = wanted.entitlement_id
    LEFT JOIN conditional ON conditional.anchor = wanted.anchor AND conditional.entitlement_id = wanted.entitlement_id
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
    LEFT JOIN entitlement ON entitlement.id = member.entitlement_id
    LEFT JOIN (FROM wanted WHERE account_id <> '') AS wanted ON wanted.account_id = member.account_id AND wanted.entitlement_id = member.entitlement_id
    LEFT JOIN (SELECT DISTINCT anchor, entitlement_id FROM undecided_grant) AS undecided
        ON undecided.anchor = settled.anchor AND undecided.entitlement_id = member.entitlement_id AND settled.situation IN ('CONFIRMED', 'FOUND')
    WHERE wanted.anchor IS NULL AND undecided.anchor IS NULL AND member.direct
        AND NOT (settled.situation IN ('CONFIRMED', 'FOUND') AND EXISTS (
            SELECT 1 FROM unevaluated_rule
            WHERE (unevaluated_rule.anchor IS NULL OR unevaluated_rule.anchor = settled.anchor)
                AND (list_contains(string_split(owned.rules, ', '), unevaluated_rule.rule) OR (managed.entitlement_id IS NOT NULL AND (
                    unevaluated_rule.entitlement_id = member.entitlement_id OR (unevaluated_rule.entitlement_id IS NULL AND entitlement.kind = 'group'))))
        ))
        AND settled.expected NOT IN ('on_hold', 'not_yet')
        AND (
            (owned.account_id IS NOT NULL AND settled.decided)
            OR ($lose_all AND settled.decided AND member.account_id IN (SELECT account_id FROM leaving_account))
            OR (managed.entitlement_id IS NOT NULL AND (settled.decided OR (settled.situation = 'UNASSIGNED' AND $claims_proven)))
        )
)
SELECT change.verb, change.anchor, change.account_id, change.entitlement_id, change.situation, change.rules, change.needs, change.granted_by,
    change.granted_in, entitlement.name AS entitlement, entitlement.kind, entitlement.privileged
FROM (FROM added UNION ALL FROM removed) AS change
JOIN entitlement ON entitlement.id = change.entitlement_id
WHERE change.entitlement_id NOT IN (SELECT entitlement_id FROM frozen_group) AND entitlement.read_only = '';

-- make_all_separate_changes --
-- The memberships that are decided one by one, in order: all of them.
--   verb            VARCHAR    key
--   anchor          VARCHAR    key
--   account_id      VARCHAR    key
--   entitlement_id  VARCHAR    key
--   ...
CREATE TABLE separate_change AS
SELECT * FROM membership_change ORDER BY verb, entitlement_id, anchor, account_id;

-- membership_changes --
-- Some of them, in their order.
SELECT * FROM separate_change WHERE rowid >= $start AND rowid < $stop ORDER BY rowid;

-- changing_people --
-- The people whose memberships change.
SELECT DISTINCT anchor FROM separate_change WHERE anchor <> '' ORDER BY anchor;

-- changing_logins --
-- The accounts whose memberships change, with their logins.
SELECT account_id, login, state FROM account WHERE account_id IN (SELECT account_id FROM separate_change) ORDER BY account_id;
