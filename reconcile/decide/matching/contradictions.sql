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
