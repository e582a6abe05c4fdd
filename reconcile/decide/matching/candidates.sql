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
