-- make_stated_decisions --
-- What reviewers decided about pairs of this target, as they wrote it down.
--   anchor      VARCHAR
--   account_id  VARCHAR
--   decision    VARCHAR
CREATE TABLE stated_decision AS
SELECT unnest($decisions::STRUCT(anchor VARCHAR, account_id VARCHAR, decision VARCHAR)[], max_depth := 2);

-- make_resolved_decisions --
-- The decisions by person, with what keeps a decision from having an effect: nobody, no account, or another decision about one who is the same person.
--   decided_anchor  VARCHAR
--   account_id      VARCHAR
--   decision        VARCHAR
--   anchor          VARCHAR
--   somebody        BOOLEAN
--   some_account    BOOLEAN
--   contradicted    BOOLEAN
CREATE TABLE resolved_decision AS
WITH known AS (
    SELECT DISTINCT stated.anchor AS decided_anchor, stated.account_id, stated.decision, coalesce(alias.identity, stated.anchor) AS anchor,
        eligibility.anchor IS NOT NULL AS somebody, account.account_id IS NOT NULL AS some_account
    FROM stated_decision AS stated
    LEFT JOIN alias ON alias.anchor = stated.anchor
    LEFT JOIN eligibility ON eligibility.anchor = coalesce(alias.identity, stated.anchor)
    LEFT JOIN account ON account.account_id = stated.account_id
)
SELECT *, somebody AND some_account AND coalesce(
    min(decision) OVER pair <> max(decision) OVER pair
    OR (decision = 'same' AND min(account_id) OVER person <> max(account_id) OVER person), false) AS contradicted
FROM known
WINDOW pair AS (PARTITION BY anchor, account_id, some_account), person AS (PARTITION BY anchor, decision, some_account);

-- make_link_decisions --
-- The decisions that have an effect.
--   anchor          VARCHAR  key
--   account_id      VARCHAR  key
--   decision        VARCHAR  key
--   decided_anchor  VARCHAR
CREATE TABLE link_decision AS
SELECT anchor, account_id, decision, min(decided_anchor) AS decided_anchor FROM resolved_decision WHERE somebody AND some_account AND NOT contradicted GROUP BY ALL;

-- ineffective_decisions --
-- The decisions that have no effect.
SELECT decided_anchor, account_id, somebody, some_account FROM resolved_decision
WHERE NOT (somebody AND some_account) OR contradicted ORDER BY decided_anchor, account_id, decision;

-- make_remembered --
-- The remembered pairs of this target, each with the person whose anchor it is.
--   remembered_as  VARCHAR  key
--   anchor         VARCHAR
--   account_id     VARCHAR
CREATE TABLE remembered AS
SELECT link.anchor AS remembered_as, coalesce(alias.identity, link.anchor) AS anchor, link.account_id
FROM store.link AS link LEFT JOIN alias ON alias.anchor = link.anchor
WHERE link.target = $target;

-- make_open_links --
-- Those about which no decision was made.
--   remembered_as  VARCHAR  key
--   anchor         VARCHAR
--   account_id     VARCHAR
CREATE TABLE open_link AS
SELECT remembered.* FROM remembered
ANTI JOIN (SELECT anchor, account_id FROM link_decision WHERE decision = 'different') AS apart USING (anchor, account_id)
WHERE anchor NOT IN (SELECT anchor FROM link_decision WHERE decision = 'same') AND account_id NOT IN (SELECT account_id FROM link_decision WHERE decision = 'same');

-- make_conflicting_links --
-- People of whom several anchors are linked to different accounts, which exist. `remembered`: each as login, else id, with the anchor.
--   anchor      VARCHAR      key
--   accounts    VARCHAR[]
--   remembered  VARCHAR[][]
CREATE TABLE conflicting_links AS
SELECT link.anchor, list(DISTINCT link.account_id ORDER BY link.account_id) AS accounts,
    list([coalesce(nullif(account.login, ''), account_id), remembered_as] ORDER BY remembered_as) AS remembered
FROM open_link AS link JOIN account USING (account_id)
WHERE link.anchor IN (SELECT identity FROM alias)
GROUP BY link.anchor HAVING count(DISTINCT account_id) > 1;

-- make_links --
-- One pair a person: the decided one, or the remembered one with an account that exists, and by their own anchor, where there is a choice. The other accounts of conflicting links count as taken.
--   anchor      VARCHAR  key
--   account_id  VARCHAR  key
CREATE TABLE link AS
WITH several AS (
    SELECT link.*, account.account_id IS NOT NULL AS there,
        row_number() OVER (PARTITION BY anchor ORDER BY account.account_id IS NULL, remembered_as <> anchor, remembered_as) AS position
    FROM open_link AS link LEFT JOIN account USING (account_id)
    WHERE anchor IN (SELECT identity FROM alias)
)
SELECT anchor, account_id FROM open_link WHERE anchor NOT IN (SELECT identity FROM alias)
UNION ALL
SELECT anchor, account_id FROM several WHERE position = 1
UNION ALL
SELECT remembered_as, account_id FROM several WHERE position > 1 AND there AND anchor IN (SELECT anchor FROM conflicting_links)
UNION ALL
SELECT anchor, account_id FROM link_decision WHERE decision = 'same';

-- make_shared_accounts --
-- Linked pairs whose account is linked to others as well. `others`: the first of `total` people (name, anchor); `first`: one pair of each account.
--   anchor      VARCHAR      key
--   account_id  VARCHAR      key
--   others      VARCHAR[][]
--   total       BIGINT
--   first       BOOLEAN
CREATE TABLE shared_account AS
WITH holder AS (
    SELECT account_id, list([coalesce(eligibility.name, ''), anchor] ORDER BY anchor) AS people
    FROM link LEFT JOIN eligibility USING (anchor)
    WHERE account_id IN (SELECT account_id FROM link JOIN account USING (account_id) GROUP BY account_id HAVING count(*) > 1)
    GROUP BY account_id
)
SELECT link.anchor, account_id, list_filter(people, lambda one: one[2] <> link.anchor)[1:3] AS others, len(people) - 1 AS total,
    people[1][2] = link.anchor AS first
FROM link JOIN holder USING (account_id);

-- make_account_owners --
-- One pair an account: of one that is linked to several people the first.
--   anchor      VARCHAR
--   account_id  VARCHAR  key
CREATE VIEW account_owner AS
SELECT anchor, account_id FROM link ANTI JOIN (SELECT anchor, account_id FROM shared_account WHERE NOT first) AS further USING (anchor, account_id);

-- moved_links --
-- Pairs that are remembered by another anchor than the person's. `kept`: the pair is remembered by the person's own from now on.
SELECT remembered.remembered_as, remembered.anchor, remembered.account_id,
    link.anchor IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM remembered AS same WHERE same.anchor = remembered.anchor AND same.account_id = remembered.account_id
            AND (same.remembered_as = same.anchor OR same.remembered_as < remembered.remembered_as)
    ) AS kept,
    eligibility.name, coalesce(account.login, '') AS login
FROM remembered
JOIN eligibility ON eligibility.anchor = remembered.anchor
JOIN identity_situation AS situation ON situation.anchor = remembered.anchor
LEFT JOIN link ON link.anchor = remembered.anchor AND link.account_id = remembered.account_id
LEFT JOIN account ON account.account_id = remembered.account_id
WHERE remembered.remembered_as <> remembered.anchor AND eligibility.expected <> 'on_hold'
    AND remembered.anchor NOT IN (SELECT anchor FROM conflicting_links) AND situation.situation <> 'LINK_ONLY'
ORDER BY remembered.anchor, remembered.remembered_as;

-- decided_links --
-- Where decisions change what is remembered: the pairs to remember or to forget, each beside the pair that was decided about.
WITH made AS (
    SELECT anchor, account_id, decided_anchor FROM link_decision ANTI JOIN remembered USING (anchor, account_id) WHERE decision = 'same'
),
ended AS (
    SELECT anchor, account_id FROM remembered ANTI JOIN link USING (anchor, account_id) WHERE remembered_as = anchor
),
change AS (
    SELECT anchor, account_id, false AS forget, decided_anchor, account_id AS decided_account FROM made
    UNION ALL
    SELECT ended.anchor, ended.account_id, true AS forget,
        min((link_decision.anchor <> ended.anchor, link_decision.decided_anchor, link_decision.account_id))[2] AS decided_anchor,
        min((link_decision.anchor <> ended.anchor, link_decision.decided_anchor, link_decision.account_id))[3] AS decided_account
    FROM ended
    JOIN link_decision ON (link_decision.decision = 'same' AND (link_decision.anchor = ended.anchor OR link_decision.account_id = ended.account_id))
        OR (link_decision.decision = 'different' AND link_decision.anchor = ended.anchor AND link_decision.account_id = ended.account_id)
    GROUP BY ended.anchor, ended.account_id
)
SELECT change.*, coalesce(account.login, '') AS login, coalesce(eligibility.name, '') AS name
FROM change LEFT JOIN account USING (account_id) LEFT JOIN eligibility USING (anchor)
ORDER BY change.anchor, change.account_id;

-- make_key_rules --
-- The correlation keys: which values of one count as equal, whether it states the anchor, and how early it is judged (`strength`, from 1).
--   rank       BIGINT   key
--   strength   BIGINT
--   attribute  VARCHAR
--   any_case   BOOLEAN
--   trimmed    BOOLEAN
--   composed   BOOLEAN
--   no_zeros   BOOLEAN
--   by_anchor  BOOLEAN
CREATE TABLE key_rule AS
SELECT unnest($rules::STRUCT(
    rank BIGINT, strength BIGINT, attribute VARCHAR, any_case BOOLEAN, trimmed BOOLEAN, composed BOOLEAN, no_zeros BOOLEAN, by_anchor BOOLEAN
)[], max_depth := 2);

-- make_one_form --
-- A text without the differences in invisible characters, composition and width that do not count. `plain` is named once: macros multiply.
CREATE OR REPLACE MACRO one_form(val, composed) AS coalesce(plain(CASE WHEN composed THEN val END), val);

-- make_any_case --
-- A text without the differences in case, where they do not count.
CREATE OR REPLACE MACRO any_case_of(val, any_case) AS CASE WHEN any_case THEN one_case(val) ELSE val END;

-- make_folded --
-- The value of a key, in one form, as it is compared; empty where nothing is stated.
CREATE OR REPLACE MACRO folded(form, any_case, without_space, no_zeros) AS coalesce(
    CASE
        WHEN no_zeros THEN ltrim(any_case_of(CASE WHEN without_space THEN trimmed(form) ELSE form END, any_case), '0')
        ELSE any_case_of(CASE WHEN without_space THEN trimmed(form) ELSE form END, any_case)
    END, '');

-- make_other_anchors --
-- The anchors that people have beside the one they go by.
--   anchor    VARCHAR  key
--   identity  VARCHAR
CREATE VIEW other_anchor AS SELECT anchor, identity FROM alias WHERE anchor <> identity;

-- make_keys_of_people --
-- The values of the keys of people: of the anchor that they go by, and, where a key states the anchor, of their others.
--   anchor      VARCHAR
--   values      VARCHAR[]
--   value_hash  UBIGINT
--   own         BOOLEAN
CREATE VIEW keys_of_person AS
SELECT anchor, values, value_hash, true AS own FROM identity_keys
UNION ALL
SELECT identity AS anchor, values, value_hash, false AS own FROM other_anchor_keys;

-- make_keys_of_accounts --
-- Each key that an account carries, as it is compared.
--   account_id  VARCHAR  key
--   rank        BIGINT   key
--   key         VARCHAR
CREATE TABLE key_of_account AS
WITH formed AS (SELECT account_id, rule.*, one_form(keys[rule.rank], rule.composed) AS form FROM account CROSS JOIN key_rule AS rule),
-- Kept, so that what is left out is not folded once more to find that out.
compared AS MATERIALIZED (SELECT account_id, rank, folded(form, any_case, trimmed, no_zeros) AS key FROM formed)
SELECT * FROM compared WHERE key <> '';

-- make_wanted_keys --
-- The keys of people without an account of theirs. `own`: by the anchor that the person goes by.
--   anchor     VARCHAR  key
--   rank       BIGINT   key
--   strength   BIGINT
--   by_anchor  BOOLEAN
--   key        VARCHAR  key
--   own        BOOLEAN
CREATE TABLE wanted_key AS
WITH formed AS (
    SELECT keys.anchor, keys.own, rule.*, one_form(keys.values[rule.rank], rule.composed) AS form
    FROM keys_of_person AS keys
    ANTI JOIN (SELECT anchor FROM link JOIN account USING (account_id)) AS linked USING (anchor)
    CROSS JOIN key_rule AS rule
),
compared AS MATERIALIZED (SELECT anchor, rank, strength, by_anchor, folded(form, any_case, trimmed, no_zeros) AS key, own FROM formed),
stated AS (SELECT * FROM compared WHERE key <> ''),
-- Two numbers of one person may be one key.
further AS (
    SELECT DISTINCT stated.* FROM stated
    ANTI JOIN (SELECT anchor, rank, key FROM stated WHERE own AND anchor IN (SELECT identity FROM other_anchor)) AS mine USING (anchor, rank, key)
    WHERE NOT own
)
SELECT * FROM stated WHERE own
UNION ALL
SELECT * FROM further;

-- make_candidates --
-- Those people and the accounts that share a key with them. A pair is contradicted where an earlier key is stated on both sides and differs. A person whose anchor an account carries has no other candidates; the anchor that they go by comes before their others. `more_accounts`, `more_people`: how many share the key beside those that the person, or the account, is paired with.
--   anchor           VARCHAR  key
--   account_id       VARCHAR  key
--   rank             BIGINT
--   by_anchor        BOOLEAN
--   contradicted_by  BIGINT
--   more_accounts    BIGINT
--   more_people      BIGINT
CREATE TABLE candidate AS
WITH many_accounts AS MATERIALIZED (
    SELECT rank, key, count(*) AS accounts FROM key_of_account SEMI JOIN wanted_key USING (rank, key) GROUP BY rank, key HAVING count(*) > $crowd
),
-- Every pair of a thousand people and a thousand accounts that share a placeholder would be a million rows: each of a crowd is paired with the first of
-- the other. First come the people whose pairs are kept, and the accounts that work: of both there is more to say.
crowd AS MATERIALIZED (
    SELECT rank, key, any_value(accounts) AS accounts, count(*) AS people FROM wanted_key JOIN many_accounts USING (rank, key)
    GROUP BY rank, key HAVING count(*) > $crowd
),
settled AS MATERIALIZED (
    SELECT wanted.anchor FROM wanted_key AS wanted JOIN key_of_account AS offered USING (rank, key) WHERE wanted.by_anchor
    UNION
    SELECT anchor FROM link
),
person_in_crowd AS MATERIALIZED (
    SELECT wanted.*, crowd.accounts, row_number() OVER (PARTITION BY rank, key ORDER BY settled.anchor IS NOT NULL, wanted.anchor) AS place
    FROM wanted_key AS wanted JOIN crowd USING (rank, key) LEFT JOIN settled ON settled.anchor = wanted.anchor
),
account_in_crowd AS MATERIALIZED (
    SELECT offered.*, crowd.people, row_number() OVER (PARTITION BY rank, key ORDER BY account.state NOT IN ('active', 'unknown'), account_id) AS place
    FROM key_of_account AS offered JOIN crowd USING (rank, key) JOIN account USING (account_id)
),
pair AS (
    SELECT wanted.* EXCLUDE (key), offered.account_id, 0 AS more_accounts, 0 AS more_people
    FROM wanted_key AS wanted JOIN key_of_account AS offered USING (rank, key) ANTI JOIN crowd USING (rank, key)
    UNION ALL
    SELECT person.* EXCLUDE (key, accounts, place), offered.account_id, CASE WHEN person.place > $named THEN person.accounts - $named ELSE 0 END, 0
    FROM person_in_crowd AS person JOIN (FROM account_in_crowd WHERE place <= $named) AS offered USING (rank, key)
    UNION ALL
    SELECT person.* EXCLUDE (key, accounts, place), offered.account_id, 0, offered.people - $named
    FROM (FROM person_in_crowd WHERE place <= $named) AS person JOIN (FROM account_in_crowd WHERE place > $named) AS offered USING (rank, key)
),
matched AS MATERIALIZED (
    SELECT pair.anchor, pair.account_id, arg_min(pair.rank, pair.strength) AS rank, min(pair.strength) AS strength,
        bool_or(pair.by_anchor) AS by_anchor, bool_or(pair.by_anchor AND pair.own) AS by_own,
        max(pair.more_accounts) AS more_accounts, max(pair.more_people) AS more_people
    FROM pair
    ANTI JOIN (SELECT anchor, account_id FROM link_decision WHERE decision = 'different') AS apart USING (anchor, account_id)
    GROUP BY ALL
),
earlier AS MATERIALIZED (
    -- By itself, so that no join order compares the keys of all people and all accounts by rank alone.
    SELECT matched.anchor, matched.account_id, wanted.rank, wanted.strength, wanted.key
    FROM matched JOIN wanted_key AS wanted ON wanted.anchor = matched.anchor AND wanted.strength < matched.strength
),
contradicted AS (
    SELECT earlier.anchor, earlier.account_id, arg_min(earlier.rank, earlier.strength) AS rank
    FROM earlier JOIN key_of_account AS offered
        ON offered.account_id = earlier.account_id AND offered.rank = earlier.rank AND offered.key <> earlier.key
    GROUP BY ALL
),
judged AS (
    SELECT matched.anchor, matched.account_id, matched.rank, matched.by_anchor, contradicted.rank AS contradicted_by, matched.by_own,
        matched.more_accounts, matched.more_people
    FROM matched LEFT JOIN contradicted USING (anchor, account_id)
),
carried AS MATERIALIZED (SELECT anchor, bool_or(by_own) AS by_own FROM judged WHERE by_anchor AND contradicted_by IS NULL GROUP BY anchor)
SELECT judged.* EXCLUDE (by_own)
FROM judged LEFT JOIN carried USING (anchor)
WHERE carried.anchor IS NULL OR (judged.by_anchor AND contradicted_by IS NULL AND judged.by_own = carried.by_own);

-- make_shared_keys --
-- Unlinked people who should have an account, have none, and share a key with another such person, who may be frozen. `people`: the first of `total` (name, anchor).
--   anchor  VARCHAR      key
--   key     VARCHAR
--   people  VARCHAR[][]
--   total   BIGINT
CREATE TABLE shared_key AS
WITH wanted AS MATERIALIZED (
    SELECT wanted_key.anchor, wanted_key.rank, wanted_key.key
    FROM wanted_key JOIN eligibility USING (anchor)
    WHERE (eligibility.expected = 'active' OR (eligibility.expected = 'on_hold' AND eligibility.if_trusted = 'active')) AND wanted_key.anchor NOT IN (SELECT anchor FROM link)
),
-- Lists are made of keys that several have: on a first night everybody is wanted, and next to nobody shares a key.
repeated AS MATERIALIZED (SELECT rank, key, count(*) AS total FROM wanted GROUP BY rank, key HAVING count(*) > 1),
sharing AS MATERIALIZED (SELECT wanted.anchor, wanted.rank, wanted.key, repeated.total FROM wanted JOIN repeated USING (rank, key)),
shared AS (
    -- No more than a sentence names: each of them gets the list.
    SELECT sharing.rank, sharing.key, list([eligibility.name, sharing.anchor] ORDER BY sharing.anchor)[1:4] AS people
    FROM sharing JOIN eligibility USING (anchor) GROUP BY sharing.rank, sharing.key
)
SELECT sharing.anchor, min(sharing.key) AS key, arg_min(shared.people, (sharing.key, sharing.rank)) AS people,
    arg_min(sharing.total, (sharing.key, sharing.rank)) AS total
FROM sharing JOIN shared USING (rank, key) GROUP BY sharing.anchor;

-- make_keyless --
-- Unlinked people none of whose keys has a value.
--   anchor  VARCHAR  key
CREATE TABLE keyless AS
SELECT anchor FROM identity_keys
WHERE len(values) > 0 AND anchor NOT IN (SELECT anchor FROM wanted_key) AND anchor NOT IN (SELECT anchor FROM link);

-- make_contradictions --
-- What the earlier key of an account says that a later one found, and whose it is: the first of `total` people (name, anchor).
--   anchor      VARCHAR      key
--   account_id  VARCHAR      key
--   attribute   VARCHAR
--   by_anchor   BOOLEAN
--   stated      VARCHAR
--   people      VARCHAR[][]
--   total       BIGINT
CREATE TABLE contradiction AS
WITH claimed AS MATERIALIZED (
    SELECT candidate.anchor, candidate.account_id, rule.rank, rule.attribute, rule.by_anchor, account.keys[rule.rank] AS stated, carried.key
    FROM candidate JOIN key_rule AS rule ON rule.rank = candidate.contradicted_by
    JOIN key_of_account AS carried ON carried.account_id = candidate.account_id AND carried.rank = rule.rank
    JOIN account ON account.account_id = candidate.account_id
),
known AS (
    SELECT anchor, rank, folded(form, any_case, trimmed, no_zeros) AS key
    FROM (
        SELECT keys.anchor, rule.*, one_form(keys.values[rule.rank], rule.composed) AS form
        FROM keys_of_person AS keys CROSS JOIN (SELECT * FROM key_rule WHERE rank IN (SELECT rank FROM claimed)) AS rule
    )
),
-- By key, and not by account: whoever shares one is looked up once. Two anchors of a person may give one key.
owned AS (SELECT DISTINCT rank, key, known.anchor AS owner FROM known SEMI JOIN claimed USING (rank, key)),
owners AS (
    SELECT owned.rank, owned.key, list([eligibility.name, owner] ORDER BY owner)[1:3] AS people, count(*) AS total
    FROM owned JOIN eligibility ON eligibility.anchor = owner
    GROUP BY owned.rank, owned.key
)
SELECT claimed.anchor, claimed.account_id, claimed.attribute, claimed.by_anchor, claimed.stated, coalesce(owners.people, []) AS people,
    coalesce(owners.total, 0) AS total
FROM claimed LEFT JOIN owners USING (rank, key);

-- make_link_conflicts --
-- Linked pairs whose first key that both sides state differs, where another account carries the person's; and of keys that say what the anchor says, where the account carries another person's: the first of `total` people (name, anchor).
--   anchor         VARCHAR      key
--   account_id     VARCHAR
--   attribute      VARCHAR
--   by_anchor      BOOLEAN
--   wanted         VARCHAR
--   carried        VARCHAR
--   other_account  VARCHAR
--   people         VARCHAR[][]
--   total          BIGINT
CREATE TABLE link_conflict AS
WITH differing_pair AS MATERIALIZED (
    -- By the hashes of all keys: no list goes through a join of everybody.
    SELECT link.anchor, link.account_id
    FROM link
    JOIN identity_keys AS keys USING (anchor)
    JOIN (SELECT account_id, hash(keys) AS value_hash FROM account) AS carried USING (account_id)
    WHERE keys.value_hash <> carried.value_hash
),
differing AS MATERIALIZED (
    SELECT link.anchor, link.account_id, keys.values, account.keys, eligibility.expected = 'none' AS leaving
    FROM differing_pair AS link
    JOIN eligibility USING (anchor)
    JOIN identity_keys AS keys USING (anchor)
    JOIN account USING (account_id)
    ANTI JOIN (SELECT anchor, account_id FROM link_decision WHERE decision = 'same') AS decided USING (anchor, account_id)
    WHERE anchor NOT IN (SELECT anchor FROM conflicting_links UNION ALL SELECT anchor FROM shared_account) AND (eligibility.expected IN ('active', 'suspended') OR (eligibility.expected = 'none' AND account.state <> 'deactivated'))
),
formed AS (
    SELECT anchor, account_id, leaving, rule.*, values[rule.rank] AS wanted, keys[rule.rank] AS carried,
        one_form(values[rule.rank], rule.composed) AS wanted_form, one_form(keys[rule.rank], rule.composed) AS carried_form
    FROM differing CROSS JOIN key_rule AS rule
),
compared AS MATERIALIZED (
    SELECT anchor, account_id, leaving, rank, strength, attribute, by_anchor, wanted, carried,
        folded(wanted_form, any_case, trimmed, no_zeros) AS wanted_key, folded(carried_form, any_case, trimmed, no_zeros) AS carried_key
    FROM formed
),
strongest AS (
    SELECT * FROM compared WHERE wanted_key <> '' AND carried_key <> '' QUALIFY row_number() OVER (PARTITION BY anchor ORDER BY strength) = 1
),
against AS MATERIALIZED (SELECT * FROM strongest WHERE wanted_key <> carried_key),
known AS (
    SELECT anchor, rank, folded(form, any_case, trimmed, no_zeros) AS key
    FROM (
        SELECT keys.anchor, rule.*, one_form(keys.values[rule.rank], rule.composed) AS form
        FROM keys_of_person AS keys CROSS JOIN (SELECT * FROM key_rule WHERE rank IN (SELECT rank FROM against WHERE by_anchor)) AS rule
    )
),
offered AS MATERIALIZED (
    SELECT rank, key, account_id FROM key_of_account SEMI JOIN (SELECT rank, wanted_key AS key FROM against) AS asked USING (rank, key)
    QUALIFY row_number() OVER (PARTITION BY rank, key ORDER BY account_id) <= $crowd
),
elsewhere AS (
    SELECT against.anchor, min(other.account_id) AS account_id
    FROM against
    JOIN offered AS other ON other.rank = against.rank AND other.key = against.wanted_key AND other.account_id <> against.account_id
    ANTI JOIN (SELECT anchor, account_id FROM link_decision WHERE decision = 'different') AS apart
        ON apart.anchor = against.anchor AND apart.account_id = other.account_id
    GROUP BY against.anchor
),
owned AS (
    SELECT DISTINCT against.anchor, known.anchor AS owner
    FROM against JOIN known ON known.rank = against.rank AND known.key = against.carried_key AND known.anchor <> against.anchor
    WHERE against.by_anchor
),
somebody AS (
    SELECT owned.anchor, list([eligibility.name, owner] ORDER BY owner)[1:3] AS people, count(*) AS total,
        bool_and(eligibility.expected = 'none') AS all_leaving
    FROM owned JOIN eligibility ON eligibility.anchor = owner
    GROUP BY owned.anchor
)
SELECT against.anchor, against.account_id, against.attribute, against.by_anchor, against.wanted, against.carried,
    coalesce(elsewhere.account_id, '') AS other_account, coalesce(somebody.people, []) AS people,
    coalesce(somebody.total, 0) AS total
FROM against LEFT JOIN elsewhere USING (anchor) LEFT JOIN somebody USING (anchor)
WHERE (elsewhere.account_id IS NOT NULL OR somebody.people IS NOT NULL)
    -- Where all whose account it may be should have none, there is nothing to decide: it ends.
    AND NOT (leaving AND coalesce(somebody.all_leaving, false));

-- link_conflicts --
-- The same, to be read: whose the other account is, and whether the two pairs look swapped.
SELECT one.anchor, eligibility.name, one.account_id, account.login, one.attribute, one.by_anchor, one.wanted, one.carried,
    one.other_account, coalesce(other.login, '') AS other_login, coalesce(link.anchor, '') AS other_anchor, coalesce(owner.name, '') AS other_name,
    one.people, one.total, back.anchor IS NOT NULL AS swapped
FROM link_conflict AS one
JOIN eligibility USING (anchor)
JOIN account ON account.account_id = one.account_id
LEFT JOIN account AS other ON other.account_id = one.other_account
LEFT JOIN account_owner AS link ON link.account_id = one.other_account
LEFT JOIN eligibility AS owner ON owner.anchor = link.anchor
LEFT JOIN link_conflict AS back ON back.anchor = link.anchor AND back.other_account = one.account_id
ORDER BY one.anchor, other_anchor;
