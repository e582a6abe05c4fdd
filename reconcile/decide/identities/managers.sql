-- make_named_managers --
-- Whom each person names as their manager, by the first way that states somebody.
--   anchor  VARCHAR  key
--   rank    INTEGER
--   key     VARCHAR
CREATE TABLE named_manager AS
WITH folded AS (
    SELECT anchor, list_transform(values, lambda val: lower(nfc_normalize(trim(coalesce(val, ''))))) AS keys FROM manager_names
),
placed AS (SELECT anchor, keys, list_position(list_transform(keys, lambda key: key <> ''), true) AS rank FROM folded)
SELECT anchor, rank, keys[rank] AS key FROM placed WHERE coalesce(rank, 0) > 0;

-- make_other_names --
-- The people who have several anchors, once under each of those that are not their own.
--   anchor  VARCHAR  key
--   state   VARCHAR
--   ...
CREATE TABLE other_name AS
SELECT identity.* REPLACE (alias.anchor AS anchor)
FROM alias JOIN unmanaged_identity AS identity ON identity.anchor = alias.identity WHERE alias.anchor <> alias.identity;

-- make_managers --
-- Who that is: nobody, one person, or several.
--   anchor   VARCHAR  key
--   key      VARCHAR
--   people   BIGINT
--   own      BOOLEAN
--   manager  VARCHAR
CREATE TABLE manager_of AS
WITH manager_key AS (
    SELECT anchor, values FROM own_manager_keys
    UNION ALL
    SELECT alias.identity, other.values FROM other_manager_keys AS other JOIN alias ON alias.anchor = other.anchor
),
offered AS (SELECT anchor, generate_subscripts(values, 1) AS rank, lower(nfc_normalize(trim(unnest(values)))) AS key FROM manager_key),
found AS (
    SELECT rank, key, min(offered.anchor) AS anchor, count(DISTINCT offered.anchor) AS people
    FROM offered JOIN (SELECT DISTINCT rank, key FROM named_manager) AS wanted USING (rank, key)
    GROUP BY rank, key
)
SELECT named.anchor, named.key, coalesce(found.people, 0) AS people, found.people = 1 AND found.anchor = named.anchor AS own,
    CASE WHEN found.people = 1 AND found.anchor <> named.anchor THEN found.anchor END AS manager
FROM named_manager AS named LEFT JOIN found USING (rank, key);

-- make_identities --
-- The identities with their manager. What the manager's account is depends on the target.
--   anchor    VARCHAR  key
--   _life     STRUCT(status VARCHAR, started DATE, ended DATE)
--   _starts   DATE
--   state     VARCHAR
--   run_date  DATE
--   ...
CREATE TABLE identity AS
SELECT unmanaged.*, manager_of.manager AS manager_anchor, manager.name AS manager_name,
    NULL::VARCHAR AS manager_login, NULL::VARCHAR AS manager_account_id
FROM unmanaged_identity AS unmanaged
LEFT JOIN manager_of ON manager_of.anchor = unmanaged.anchor
LEFT JOIN shown_person AS manager ON manager.anchor = manager_of.manager;

-- make_identities_alone --
-- The same where no way to a manager is declared.
--   anchor    VARCHAR  key
--   _life     STRUCT(status VARCHAR, started DATE, ended DATE)
--   _starts   DATE
--   state     VARCHAR
--   run_date  DATE
--   ...
CREATE VIEW identity AS FROM unmanaged_identity;

-- manager_troubles --
-- Managers who are nobody, several, oneself, or have left: of each kind how many, named by how many people who have not left, and the first of them as name and anchor, or as what is stated of them.
WITH trouble AS (
    SELECT
        CASE WHEN manager_of.own THEN 'oneself' WHEN manager_of.people = 0 THEN 'nobody' WHEN manager_of.people > 1 THEN 'several' ELSE 'left' END AS kind,
        CASE WHEN manager_of.own THEN coalesce(person.name, '') ELSE coalesce(manager.name, '') END AS name,
        CASE WHEN manager_of.own THEN person.anchor ELSE coalesce(manager.anchor, manager_of.key) END AS who,
        count(*) AS people
    FROM manager_of
    JOIN shown_person AS person ON person.anchor = manager_of.anchor
    LEFT JOIN shown_person AS manager ON manager.anchor = manager_of.manager
    WHERE person.state <> 'terminated' AND (manager.anchor IS NULL OR manager.state = 'terminated')
    GROUP BY ALL
)
SELECT kind, count(*) AS managers, sum(people)::BIGINT AS people,
    list([name, who] ORDER BY people DESC, coalesce(nullif(name, ''), who), who)[1:5] AS first
FROM trouble GROUP BY kind ORDER BY kind;

-- make_hops --
-- From each manager who has a manager to that one. Whoever leads nobody is on no circle.
--   anchor  VARCHAR  key
--   goal    VARCHAR
CREATE TABLE hop AS
SELECT anchor, manager AS goal FROM manager_of WHERE manager IS NOT NULL AND anchor IN (SELECT manager FROM manager_of);

-- hop_on --
-- Twice as far up; who comes to somebody without a manager on the way is out.
--   anchor  VARCHAR  key
--   goal    VARCHAR
CREATE OR REPLACE TABLE hop AS
SELECT hop.anchor, further.goal FROM hop JOIN hop AS further ON further.anchor = hop.goal;

-- hops_left --
-- How many still find a manager so far up.
SELECT count(*) FROM hop;

-- circles --
-- The managers on circles, after hops that are longer than any way to one.
SELECT person.anchor, coalesce(person.name, '') AS name, manager_of.manager
FROM (SELECT DISTINCT goal FROM hop) AS circle
JOIN manager_of ON manager_of.anchor = circle.goal
JOIN shown_person AS person ON person.anchor = circle.goal
ORDER BY person.anchor;

-- make_manager_accounts --
-- The account that each manager has in this target or will have by this plan, with what the plan must do for that.
--   anchor      VARCHAR  key
--   name        VARCHAR
--   account_id  VARCHAR
--   login       VARCHAR
--   needs       VARCHAR
CREATE TABLE manager_account AS
WITH theirs AS (
    SELECT situation.anchor, situation.name, situation.situation IN ('ABSENT', 'MISSING') AS absent, account.account_id, account.login, account.state,
        CASE WHEN situation.expected <> 'on_hold' THEN nullif(trim(desired.values[$login_position]), '') END AS wanted
    FROM identity_situation AS situation
    JOIN desired ON desired.anchor = situation.anchor
    LEFT JOIN account ON account.account_id = situation.account_id
    WHERE situation.anchor IN (SELECT manager_anchor FROM identity) AND situation.expected IN ('active', 'suspended', 'on_hold') AND (
        situation.situation = 'CONFIRMED'
        OR (situation.situation = 'FOUND' AND list_contains($adopted::BIGINT[], situation.rank))
        OR (situation.situation = 'ABSENT' AND situation.expected = 'active')
        OR (situation.situation = 'MISSING' AND $recreated)
    )
)
SELECT
    anchor, name, account_id,
    CASE WHEN absent OR ($login_changes AND lower(wanted) <> lower(login)) THEN wanted ELSE login END AS login,
    CASE
        WHEN absent THEN 'create'
        WHEN state IN ('staged', 'deactivated') THEN 'reactivate'
        WHEN $login_changes AND lower(wanted) <> lower(login) THEN 'update'
        ELSE ''
    END AS needs
FROM theirs;

-- make_managed --
-- The identities with their manager's account in this target. The id of one that this plan creates is a text that stands for it.
--   anchor              VARCHAR  key
--   manager_login       VARCHAR
--   manager_account_id  VARCHAR
--   ...
CREATE VIEW managed AS
SELECT identity.* EXCLUDE (manager_login, manager_account_id), manager.login AS manager_login,
    CASE WHEN manager.needs = 'create' THEN stands_for(manager.name, manager.anchor) ELSE manager.account_id END AS manager_account_id
FROM identity LEFT JOIN manager_account AS manager ON manager.anchor = identity.manager_anchor;

-- make_stands_for --
-- The text that stands for the id of an account until it is created: readable, and the same inside JSON.
CREATE OR REPLACE MACRO stands_for(name, anchor) AS
    '<account of ' || regexp_replace(CASE WHEN name = '' THEN '' ELSE name || ' ' END || '(' || anchor || ')', '["\\[:cntrl:]]', '', 'g') || ', created by this plan>';

-- make_another_for --
-- Another text, which has nothing in common with it.
CREATE OR REPLACE MACRO another_for(name, anchor) AS reverse(stands_for(name, anchor)) || '#';

-- new_managers --
-- How many people have a manager whose account this plan creates.
SELECT count(*) FROM identity JOIN manager_account AS manager ON manager.anchor = identity.manager_anchor WHERE manager.needs = 'create';

-- make_managed_otherwise --
-- Those people, with another text for that id, and without one: how an expression uses the id is seen in what it gives for each.
--   anchor              VARCHAR  key
--   manager_login       VARCHAR
--   manager_account_id  VARCHAR
--   ...
CREATE VIEW managed_otherwise AS
SELECT identity.* EXCLUDE (manager_login, manager_account_id), manager.login AS manager_login,
    another_for(manager.name, manager.anchor) AS manager_account_id
FROM identity JOIN manager_account AS manager ON manager.anchor = identity.manager_anchor WHERE manager.needs = 'create';

-- make_managed_without --
-- The same people without the id.
--   anchor              VARCHAR  key
--   manager_login       VARCHAR
--   manager_account_id  VARCHAR
--   ...
CREATE VIEW managed_without AS
SELECT managed_otherwise.* REPLACE (NULL::VARCHAR AS manager_account_id) FROM managed_otherwise;

-- settle_new_managers --
-- Keeps a text that stands for an id where an expression passes it on whole, and its result where that does not depend on the id; of any other expression what it gives without the id.
--   anchor  VARCHAR    key
--   values  VARCHAR[]
CREATE TABLE managed_value AS
WITH compared AS (
    SELECT known.anchor, known.values, otherwise.values AS other_values, without_id.values AS bare_values,
        stands_for(manager.name, manager.anchor) AS text, another_for(manager.name, manager.anchor) AS other
    FROM managed_result AS known
    LEFT JOIN otherwise_value AS otherwise ON otherwise.anchor = known.anchor
    LEFT JOIN without_value AS without_id ON without_id.anchor = known.anchor
    JOIN identity ON identity.anchor = known.anchor
    LEFT JOIN manager_account AS manager ON manager.anchor = identity.manager_anchor
)
SELECT anchor, CASE WHEN other_values IS NULL THEN values ELSE list_transform(values, lambda val, position:
    CASE WHEN replace(val, text, other) IS NOT DISTINCT FROM other_values[position] THEN val ELSE bare_values[position] END
) END AS values
FROM compared;

-- awaited_ids --
-- People whose manager's account this plan creates: who, whose manager, and the text that stands for its id.
SELECT identity.anchor, manager.anchor AS manager, stands_for(manager.name, manager.anchor)
FROM identity JOIN manager_account AS manager ON manager.anchor = identity.manager_anchor
WHERE manager.needs = 'create' ORDER BY identity.anchor;

-- take_managed_results --
-- The same where no manager's account is created.
--   anchor      VARCHAR    key
--   values      VARCHAR[]
--   value_hash  UBIGINT
CREATE VIEW managed_value AS FROM managed_result;

-- take_managed_values --
-- Makes the values at some positions what the manager's account gives.
UPDATE desired SET values = filled_in.values, value_hash = hash(filled_in.values)
FROM (
    SELECT desired.anchor, list_transform(desired.values, lambda val, position:
        CASE WHEN list_contains($positions::BIGINT[], position) THEN managed.values[list_position($positions::BIGINT[], position)] ELSE val END
    ) AS values
    FROM desired JOIN managed_value AS managed ON managed.anchor = desired.anchor
) AS filled_in
WHERE filled_in.anchor = desired.anchor AND filled_in.values IS DISTINCT FROM desired.values;

-- awaited_managers --
-- People whose manager's account is only known once the plan does something for it: who, whose manager, and what.
SELECT identity.anchor, manager.anchor AS manager, manager.needs
FROM identity JOIN manager_account AS manager ON manager.anchor = identity.manager_anchor
WHERE manager.needs <> '' ORDER BY identity.anchor;
