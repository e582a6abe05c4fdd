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
