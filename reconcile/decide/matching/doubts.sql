-- make_beside --
-- The first three people (name, anchor) of a list without one of them.
CREATE OR REPLACE MACRO beside(people, own) AS list_filter(people, lambda one: one[2] <> own)[1:3];

-- make_doubts --
-- What there is to name where it is in doubt which account is somebody's (`kind`), or where others match the account of somebody who has to lose it (`claimed`). `account`: the login of the account that matches, else its id. `others`: the first of `total` people (name, anchor) or accounts (login, key or anchor).
--   anchor     VARCHAR      key
--   kind       VARCHAR
--   account    VARCHAR
--   attribute  VARCHAR
--   value      VARCHAR
--   against    VARCHAR
--   stated     VARCHAR
--   gone       BOOLEAN
--   others     VARCHAR[][]
--   total      BIGINT
CREATE TABLE doubt AS
WITH asked AS MATERIALIZED (
    SELECT DISTINCT anchor, account_id, doubt AS kind FROM identity_situation WHERE doubt IS NOT NULL
),
-- The account that a sentence names, with the key that found it.
found AS MATERIALIZED (
    SELECT anchor, min(account_id) AS account_id, arg_min(rank, account_id) AS rank
    FROM candidate WHERE anchor IN (SELECT anchor FROM asked WHERE kind NOT IN ('conflicting_links', 'shared_account', 'several', 'keyless', 'shared'))
    GROUP BY anchor
),
named AS (
    SELECT found.anchor, found.account_id, coalesce(nullif(account.login, ''), account_id) AS account, rule.attribute,
        CASE WHEN account.keys[found.rank] IS DISTINCT FROM account.login THEN account.keys[found.rank] END AS value
    FROM found JOIN account USING (account_id) JOIN key_rule AS rule USING (rank)
),
of_leavers AS MATERIALIZED (SELECT anchor, account_id FROM identity_situation WHERE situation = 'UNQUALIFIED'),
claimant AS MATERIALIZED (
    -- Who matches the account of a leaver, unless a decision says whose it is.
    SELECT candidate.account_id, candidate.anchor, eligibility.name, candidate.more_people
    FROM candidate JOIN eligibility USING (anchor)
    WHERE eligibility.expected <> 'none' AND candidate.account_id IN (SELECT account_id FROM of_leavers)
        AND candidate.account_id NOT IN (SELECT account_id FROM link_decision WHERE decision = 'same')
),
-- Of each account that several sentences name, who matches it. Of so many that each sentence finds enough beside its own person.
rival AS (
    SELECT candidate.account_id, list([eligibility.name, anchor] ORDER BY anchor)[1:4] AS people, count(*) + max(more_people) AS total
    FROM candidate JOIN eligibility USING (anchor)
    WHERE candidate.account_id IN (SELECT found.account_id FROM found JOIN asked USING (anchor) WHERE asked.kind = 'rivals')
    GROUP BY candidate.account_id
),
several AS (
    SELECT candidate.anchor, list([coalesce(nullif(account.login, ''), account_id), rule.attribute] ORDER BY account_id)[1:3] AS accounts, count(*) + max(more_accounts) AS total
    FROM candidate JOIN account USING (account_id) JOIN key_rule AS rule USING (rank)
    WHERE candidate.anchor IN (SELECT anchor FROM asked WHERE kind = 'several')
    GROUP BY candidate.anchor
),
claimed AS (
    SELECT account_id, list([name, anchor] ORDER BY anchor)[1:4] AS people, count(*) + max(more_people) AS total FROM claimant GROUP BY account_id
),
owner AS (
    SELECT account_id, min(anchor) AS anchor FROM link WHERE account_id IN (SELECT account_id FROM asked) GROUP BY account_id
),
told AS (
    SELECT asked.anchor, asked.kind, coalesce(named.account, nullif(held_account.login, ''), held.account_id) AS account, coalesce(named.attribute, '') AS attribute, named.value,
        against.attribute AS against, coalesce(against.stated, shared.key) AS stated, taken.anchor IS NOT NULL AND taker.anchor IS NULL AS gone,
        CASE asked.kind
            WHEN 'conflicting_links' THEN conflicting_links.remembered[1:3]
            WHEN 'shared_account' THEN held.others
            WHEN 'several' THEN several.accounts
            WHEN 'owned' THEN against.people
            WHEN 'contradicted' THEN against.people
            WHEN 'taken' THEN [[taker.name, taken.anchor]]
            WHEN 'handed_on' THEN [[coalesce(taker.name, ''), taken.anchor]]
            WHEN 'rivals' THEN beside(rival.people, asked.anchor)
            WHEN 'shared' THEN beside(shared.people, asked.anchor)
        END AS others,
        CASE asked.kind
            WHEN 'conflicting_links' THEN len(conflicting_links.remembered)
            WHEN 'shared_account' THEN held.total
            WHEN 'several' THEN several.total
            WHEN 'owned' THEN against.total
            WHEN 'contradicted' THEN against.total
            WHEN 'taken' THEN 1
            WHEN 'handed_on' THEN 1
            WHEN 'rivals' THEN rival.total - 1
            WHEN 'shared' THEN shared.total - 1
        END AS total
    FROM asked
    LEFT JOIN named ON named.anchor = asked.anchor
    LEFT JOIN several ON several.anchor = asked.anchor
    LEFT JOIN contradiction AS against ON asked.kind IN ('owned', 'contradicted') AND against.anchor = asked.anchor AND against.account_id = asked.account_id
    LEFT JOIN owner AS taken ON asked.kind IN ('taken', 'handed_on') AND taken.account_id = asked.account_id
    LEFT JOIN eligibility AS taker ON taker.anchor = taken.anchor
    LEFT JOIN rival ON asked.kind = 'rivals' AND rival.account_id = asked.account_id
    LEFT JOIN shared_key AS shared ON asked.kind = 'shared' AND shared.anchor = asked.anchor
    LEFT JOIN conflicting_links ON asked.kind = 'conflicting_links' AND conflicting_links.anchor = asked.anchor
    LEFT JOIN shared_account AS held ON asked.kind = 'shared_account' AND held.anchor = asked.anchor
    LEFT JOIN account AS held_account ON held_account.account_id = held.account_id
)
SELECT anchor, kind, coalesce(account, '') AS account, attribute, value, against, stated, gone, coalesce(others, []) AS others, coalesce(total, 0) AS total
FROM told
UNION ALL
SELECT leaver.anchor, 'claimed' AS kind, '' AS account, '' AS attribute, NULL AS value, NULL AS against, NULL AS stated, false AS gone,
    beside(claimed.people, leaver.anchor) AS others, claimed.total - (own.anchor IS NOT NULL)::BIGINT AS total
FROM of_leavers AS leaver
JOIN claimed USING (account_id)
LEFT JOIN claimant AS own ON own.account_id = leaver.account_id AND own.anchor = leaver.anchor
WHERE claimed.total > (own.anchor IS NOT NULL)::BIGINT;
