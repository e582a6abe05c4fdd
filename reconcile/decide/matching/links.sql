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
