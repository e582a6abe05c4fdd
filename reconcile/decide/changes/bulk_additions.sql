-- make_one_by_one --
-- The people whose additions of memberships are decided one by one: all but those who gain plain ones alone.
--   anchor  VARCHAR  key
CREATE TABLE one_by_one AS
SELECT anchor FROM membership_change
WHERE verb = 'add_member' AND (needs <> '' OR privileged OR account_id IN (SELECT unnest($accounts::VARCHAR[])))
UNION SELECT unnest($anchors::VARCHAR[]) AS anchor;

-- addition_subjects --
-- The people who gain memberships, with the login of their account.
SELECT DISTINCT change.anchor, change.account_id, coalesce(account.login, '') AS login
FROM membership_change AS change LEFT JOIN account ON account.account_id = change.account_id
WHERE change.verb = 'add_member' ORDER BY change.anchor, change.account_id;

-- plain_additions --
-- How many additions are not decided one by one.
SELECT count(*) FROM membership_change WHERE verb = 'add_member' AND anchor NOT IN (SELECT anchor FROM one_by_one);

-- bulk_subject --
-- The people of bulk additions, numbered in the order of their anchors.
SELECT row_number() OVER (ORDER BY anchor, account_id)::INTEGER AS person, anchor, account_id
FROM (SELECT DISTINCT anchor, account_id FROM membership_change WHERE verb = 'add_member' AND anchor NOT IN (SELECT anchor FROM one_by_one));

-- bulk_item --
-- The entitlements of bulk additions, numbered in the order of their names.
SELECT row_number() OVER (ORDER BY entitlement, entitlement_id)::INTEGER AS item, entitlement_id, entitlement, kind
FROM (SELECT DISTINCT entitlement_id, entitlement, kind FROM membership_change WHERE verb = 'add_member');

-- bulk_reason --
-- The reasons of bulk additions: a situation, and the rules that grant.
SELECT row_number() OVER (ORDER BY situation, rules)::INTEGER AS reason, situation, rules
FROM (SELECT DISTINCT situation, rules FROM membership_change WHERE verb = 'add_member');

-- bulk_addition --
-- The bulk additions, by the numbers of person, entitlement and reason.
SELECT subject.person, item.item, reason.reason
FROM membership_change AS change
JOIN bulk_subject AS subject ON subject.anchor = change.anchor AND subject.account_id = change.account_id
JOIN bulk_item AS item ON item.entitlement_id = change.entitlement_id
JOIN bulk_reason AS reason ON reason.situation = change.situation AND reason.rules = change.rules
WHERE change.verb = 'add_member' AND change.anchor NOT IN (SELECT anchor FROM one_by_one);

-- make_separate_changes --
-- The memberships that are decided one by one, in order.
--   verb            VARCHAR    key
--   anchor          VARCHAR    key
--   account_id      VARCHAR    key
--   entitlement_id  VARCHAR    key
--   ...
CREATE TABLE separate_change AS
SELECT * FROM membership_change WHERE verb <> 'add_member' OR anchor IN (SELECT anchor FROM one_by_one)
ORDER BY verb, entitlement_id, anchor, account_id;

-- bulk_reasons --
-- What was numbered as a reason.
SELECT reason, situation, rules FROM bulk_reason ORDER BY reason;

-- bulk_kinds --
-- How many bulk additions there are of each kind of entitlement.
SELECT item.kind, count(*) AS additions FROM bulk_addition JOIN bulk_item AS item USING (item) GROUP BY item.kind ORDER BY item.kind;

-- make_bulk_people --
-- The people of the bulk additions that stay, with what a reviewer knows them by, and the operation that makes their account usable.
--   person      INTEGER  key
--   anchor      VARCHAR  key
--   account_id  VARCHAR
--   name        VARCHAR
--   who         VARCHAR
--   maker       VARCHAR
CREATE TABLE bulk_person AS
SELECT subject.person, subject.anchor, subject.account_id, coalesce(situation.name, '') AS name,
    coalesce(nullif(account.login, ''), maker.login, '') AS who, coalesce(maker.operation, '') AS maker
FROM bulk_subject AS subject
LEFT JOIN identity_situation AS situation ON situation.anchor = subject.anchor
LEFT JOIN account ON account.account_id = subject.account_id AND subject.account_id <> ''
LEFT JOIN account_maker AS maker ON maker.anchor = subject.anchor
WHERE subject.anchor NOT IN (SELECT unnest($excluded::VARCHAR[])) AND (subject.account_id <> '' OR maker.operation IS NOT NULL)
ORDER BY subject.person;

-- make_bulk_entitlements --
-- The entitlements of the bulk additions that stay; one that this plan creates has no id, and the operation that creates it.
--   item            INTEGER  key
--   entitlement_id  VARCHAR
--   given_id        VARCHAR
--   entitlement     VARCHAR
--   kind            VARCHAR
--   maker           VARCHAR
--   ambiguous       BOOLEAN
CREATE TABLE bulk_entitlement AS
SELECT item.item, item.entitlement_id AS given_id,
    CASE WHEN starts_with(item.entitlement_id, $new) THEN '' ELSE item.entitlement_id END AS entitlement_id,
    item.entitlement, item.kind, coalesce(maker.operation, '') AS maker, count(*) OVER (PARTITION BY item.entitlement) > 1 AS ambiguous
FROM bulk_item AS item
LEFT JOIN group_maker AS maker ON starts_with(item.entitlement_id, $new) AND maker.name = item.entitlement
WHERE item.kind NOT IN (SELECT unnest($impossible::VARCHAR[]))
    AND NOT (starts_with(item.entitlement_id, $new) AND maker.operation IS NULL);

-- make_bulk_operations --
-- The bulk additions that stay. The id is that of an operation of the same intention (`fragment.operation_id`).
--   person  INTEGER  key
--   item    INTEGER  key
--   reason  INTEGER
CREATE TABLE bulk_operation AS
SELECT addition.person, addition.item, addition.reason FROM bulk_addition AS addition
WHERE addition.person IN (SELECT person FROM bulk_person) AND addition.item IN (SELECT item FROM bulk_entitlement);

-- make_bulk_identities --
-- What a precondition needs to know of the accounts of those people: attributes as JSON, and whether the account may be deactivated by then.
--   person       INTEGER  key
--   account      VARCHAR
--   deactivated  BOOLEAN
CREATE TABLE bulk_identity AS
SELECT person.person, coalesce(text.account, '{}') AS account, coalesce(text.deactivated = 'true', false) AS deactivated
FROM bulk_person AS person LEFT JOIN account_text AS text ON text.anchor = person.anchor
ORDER BY person.person;

-- bulk_group_makers --
-- The operations that create groups which somebody is added to.
SELECT DISTINCT maker FROM bulk_entitlement WHERE maker <> '' AND item IN (SELECT item FROM bulk_operation) ORDER BY maker;

-- bulk_accounts --
-- The accounts that exist, with the people of bulk additions whose they are.
SELECT account_id, anchor FROM bulk_person WHERE account_id <> '' ORDER BY account_id;

-- bulk_counts --
-- The additions, the people and the different names that a reviewer knows them by.
SELECT (SELECT count(*) FROM bulk_operation) AS additions, count(*) AS people, count(DISTINCT coalesce(nullif(who, ''), anchor)) AS names
FROM bulk_person WHERE person IN (SELECT person FROM bulk_operation);

-- bulk_counts_by_item --
-- The same of each entitlement with an id.
SELECT item.entitlement_id, item.entitlement, count(*) AS additions, count(DISTINCT person.person) AS people,
    count(DISTINCT coalesce(nullif(person.who, ''), person.anchor)) AS names
FROM bulk_operation JOIN bulk_person AS person USING (person) JOIN bulk_entitlement AS item USING (item)
WHERE item.entitlement_id IN (SELECT unnest($ids::VARCHAR[]))
GROUP BY item.entitlement_id, item.entitlement ORDER BY item.entitlement_id;

-- bulk_first_names --
-- Whom the first bulk additions are about, in the order of the plan.
SELECT person.anchor, coalesce(nullif(person.who, ''), person.anchor) AS known_as
FROM bulk_person AS person WHERE person.person IN (SELECT person FROM bulk_operation)
ORDER BY person.anchor, person.account_id LIMIT $most;

-- bulk_first_names_of_item --
-- The same of the additions to one entitlement.
SELECT person.anchor, coalesce(nullif(person.who, ''), person.anchor) AS known_as
FROM bulk_person AS person
WHERE person.person IN (
    SELECT person FROM bulk_operation JOIN bulk_entitlement AS item USING (item) WHERE item.entitlement_id = $entitlement_id
)
ORDER BY person.anchor, person.account_id LIMIT $most;

-- bulk_entitlements --
-- The entitlements that people are added to: id, name, kind, and how many people.
SELECT item.entitlement_id, item.entitlement, item.kind, count(*) AS people
FROM bulk_operation JOIN bulk_entitlement AS item USING (item)
GROUP BY item.item, item.entitlement_id, item.entitlement, item.kind ORDER BY item.item;

-- bulk_names --
-- How many people are added to the entitlements of each name; of one without a name, its id. Of a name that is one entitlement's alone, each addition
-- is of another person: they are counted without a look at whose they are.
WITH named AS (
    SELECT item, name, count(*) OVER (PARTITION BY name) = 1 AS alone
    FROM (SELECT item, coalesce(nullif(entitlement, ''), entitlement_id) AS name FROM bulk_entitlement)
)
SELECT named.name, added.people
FROM (SELECT item, count(*) AS people FROM bulk_operation GROUP BY item) AS added JOIN named USING (item) WHERE named.alone
UNION ALL
SELECT named.name, count(DISTINCT operation.person) FROM bulk_operation AS operation JOIN named USING (item) WHERE NOT named.alone GROUP BY named.name
ORDER BY name;

-- bulk_anchors --
-- The people who are added to something.
SELECT anchor FROM bulk_person WHERE person IN (SELECT person FROM bulk_operation);
