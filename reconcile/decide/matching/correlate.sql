-- narrow_who --
-- Of the people who should have an account by the expression: who is in one of the groups that the target looks at, and of whom that cannot be said.
--   anchor     VARCHAR  key
--   name       VARCHAR
--   qualifies  VARCHAR
CREATE TABLE who AS
SELECT who.* EXCLUDE (qualifies),
    CASE
        WHEN who.qualifies IS DISTINCT FROM 'true' OR elsewhere.member THEN who.qualifies
        WHEN $doubtful OR elsewhere.anchor IS NOT NULL THEN 'maybe'
        ELSE 'false'
    END AS qualifies
FROM qualification AS who LEFT JOIN elsewhere_member AS elsewhere USING (anchor);

-- make_eligibility --
-- Whether each person should have a working account in this target (`Eligibility`). `if_trusted`: what holds for who is on hold, by what is known of them. `undecided`: on hold because membership in a group of another system is undecided.
--   anchor      VARCHAR  key
--   state       VARCHAR
--   name        VARCHAR
--   if_trusted  VARCHAR
--   started     BOOLEAN
--   undecided   BOOLEAN
--   expected    VARCHAR
CREATE TABLE eligibility AS
WITH stated AS (
    SELECT
        who.anchor, identity.state, coalesce(who.name, '') AS name,
        CASE
            WHEN identity.state = 'future' THEN 'not_yet'
            WHEN identity.state = 'terminated' THEN 'none'
            WHEN identity.state = 'leave' AND $leave = 'deactivate' THEN 'none'
            WHEN coalesce(who.qualifies, 'false') NOT IN ('true', 'maybe') THEN 'none'
            WHEN identity.state = 'leave' AND $leave = 'suspend' THEN 'suspended'
            ELSE 'active'
        END AS if_trusted,
        who.qualifies = 'maybe' AS maybe,
        coalesce(identity._starts <= identity.run_date, true) AS started
    FROM who JOIN identity USING (anchor)
)
SELECT stated.* EXCLUDE (maybe),
    coalesce(stated.maybe AND if_trusted IN ('active', 'suspended') AND held.anchor IS NULL, false) AS undecided,
    CASE WHEN held.anchor IS NOT NULL OR undecided THEN 'on_hold' ELSE if_trusted END AS expected
FROM stated LEFT JOIN held_anchor AS held USING (anchor);

-- make_own_suspensions --
-- The accounts of this target that this job suspended or deactivated and nobody touched since: every complete read after that shows them so, or no state at all.
--   account_id  VARCHAR  key
--   anchor      VARCHAR
--   state       VARCHAR
--   since       VARCHAR
--   shown       BOOLEAN
CREATE TABLE own_suspension AS
WITH ours AS (SELECT account_id, anchor, state, since, number FROM store.rest WHERE target = $target),
complete_read AS (SELECT number FROM store.scope_read WHERE system = $target AND kind = 'accounts' AND complete),
first_read AS (
    SELECT suspended.number, min(complete_read.number) AS shown
    FROM (SELECT DISTINCT number FROM ours) AS suspended JOIN complete_read ON complete_read.number > suspended.number
    GROUP BY suspended.number
)
SELECT ours.account_id, ours.anchor, ours.state, ours.since, account.state = ours.state AS shown
FROM ours
JOIN store.record_version AS account ON account.system = $target AND account.id = ours.account_id AND account.valid_to IS NULL
LEFT JOIN first_read USING (number)
WHERE (account.state = ours.state OR (account.state = 'unknown' AND ours.state = 'deactivated')) AND NOT EXISTS (
    SELECT 1 FROM store.record_version AS other
    WHERE other.system = $target AND other.id = ours.account_id AND other.state NOT IN (ours.state, 'unknown')
        AND coalesce(other.valid_to > first_read.shown, first_read.shown IS NOT NULL)
);

-- make_unshown_suspensions --
-- Those of them of which the target shows no state.
--   account_id  VARCHAR  key
CREATE VIEW unshown_suspension AS SELECT account_id FROM own_suspension WHERE NOT shown;

-- make_accounts --
-- The accounts of this target, with the values of the attributes that the mapping and its keys name. The last two paths are login and e-mail address. Where the target shows no state, an account that this job deactivated counts as deactivated.
--   account_id  VARCHAR    key
--   state       VARCHAR
--   status      VARCHAR
--   values      VARCHAR[]
--   value_hash  UBIGINT
--   keys        VARCHAR[]
--   login       VARCHAR
--   email       VARCHAR
CREATE TABLE account AS
WITH read AS (
    SELECT
        id AS account_id, state, status,
        json_extract_string(attributes, $paths::VARCHAR[]) AS values,
        json_extract_string(attributes, $key_paths::VARCHAR[]) AS keys
    FROM store.record_version
    WHERE system = $target AND valid_to IS NULL
)
SELECT account_id, CASE WHEN state = 'unknown' AND account_id IN (FROM unshown_suspension) THEN 'deactivated' ELSE state END AS state,
    status, values, hash(values) AS value_hash, keys[1:-3] AS keys, coalesce(keys[-2], '') AS login, coalesce(keys[-1], '') AS email
FROM read;

-- make_accounts_of_copy --
-- The same from the wide copy, where it has them all.
--   account_id  VARCHAR    key
--   state       VARCHAR
--   status      VARCHAR
--   values      VARCHAR[]
--   value_hash  UBIGINT
--   keys        VARCHAR[]
--   login       VARCHAR
--   email       VARCHAR
CREATE TABLE account AS
SELECT account_id, CASE WHEN state = 'unknown' AND account_id IN (FROM unshown_suspension) THEN 'deactivated' ELSE state END AS state,
    status, values, value_hash, keys[1:-3] AS keys, coalesce(keys[-2], '') AS login, coalesce(keys[-1], '') AS email
FROM wide_account;

-- make_identity_situations --
-- The situation of every identity, exactly one each; where it is in doubt, what the doubt is.
--   anchor      VARCHAR  key
--   name        VARCHAR
--   state       VARCHAR
--   expected    VARCHAR
--   account_id  VARCHAR
--   rank        BIGINT
--   situation   VARCHAR
--   doubt       VARCHAR
CREATE TABLE identity_situation AS
WITH confirmed AS MATERIALIZED (
    -- Nearly everybody, on nearly every night: a linked account that exists and should work.
    SELECT eligibility.anchor, link.account_id
    FROM eligibility JOIN link USING (anchor) JOIN account USING (account_id)
    WHERE eligibility.expected IN ('active', 'suspended', 'on_hold') AND eligibility.anchor NOT IN (SELECT anchor FROM conflicting_links UNION ALL SELECT anchor FROM shared_account)
),
uncertain AS MATERIALIZED (SELECT eligibility.* FROM eligibility ANTI JOIN confirmed USING (anchor)),
per_identity AS (
    SELECT anchor, count(*) AS accounts, min(account_id) AS account_id, min(rank) AS rank, min(contradicted_by) AS contradicted_by,
        bool_and(by_anchor) AS by_anchor
    FROM candidate GROUP BY anchor
),
rivals AS (
    SELECT account_id, count_if(by_anchor) AS by_anchor FROM candidate GROUP BY account_id HAVING count(*) > 1
)
SELECT
    eligibility.anchor, eligibility.name, eligibility.state, eligibility.expected,
    CASE WHEN conflicting_links.anchor IS NULL AND beside.anchor IS NULL THEN coalesce(link.account_id, CASE WHEN found.accounts = 1 THEN found.account_id END) END AS account_id,
    CASE WHEN link.anchor IS NULL THEN found.rank END AS rank,
    CASE
        WHEN conflicting_links.anchor IS NOT NULL OR beside.anchor IS NOT NULL THEN 'AMBIGUOUS'
        WHEN link.anchor IS NOT NULL AND linked.account_id IS NOT NULL THEN 'UNQUALIFIED'
        WHEN link.anchor IS NOT NULL AND eligibility.expected IN ('active', 'suspended', 'on_hold') THEN 'MISSING'
        WHEN link.anchor IS NOT NULL THEN 'LINK_ONLY'
        WHEN found.accounts > 1 OR found.contradicted_by IS NOT NULL THEN 'AMBIGUOUS'
        WHEN found.accounts = 1 AND taken.account_id IS NOT NULL THEN 'FOUND_ALREADY_LINKED'
        WHEN found.accounts = 1 AND rivals.account_id IS NOT NULL THEN 'AMBIGUOUS'
        WHEN found.accounts = 1 AND eligibility.expected IN ('active', 'suspended', 'on_hold') THEN 'FOUND'
        WHEN found.accounts = 1 THEN 'UNQUALIFIED'
        WHEN eligibility.expected <> 'active' THEN 'NOT_DUE'
        WHEN keyless.anchor IS NOT NULL OR shared.anchor IS NOT NULL THEN 'AMBIGUOUS'
        ELSE 'ABSENT'
    END AS situation,
    CASE
        WHEN conflicting_links.anchor IS NOT NULL THEN 'conflicting_links'
        WHEN beside.anchor IS NOT NULL THEN 'shared_account'
        WHEN link.anchor IS NOT NULL THEN CASE WHEN linked.account_id IS NULL AND other.accounts > 0 THEN 'elsewhere' END
        WHEN found.accounts > 1 THEN 'several'
        WHEN owned.anchor IS NOT NULL THEN 'owned'
        WHEN found.contradicted_by IS NOT NULL THEN 'contradicted'
        WHEN found.accounts = 1 AND taken.account_id IS NOT NULL THEN CASE WHEN taker.expected IN ('active', 'suspended', 'on_hold', 'not_yet') THEN 'taken' ELSE 'handed_on' END
        WHEN found.accounts = 1 AND rivals.account_id IS NOT NULL THEN 'rivals'
        WHEN found.accounts = 1 OR eligibility.expected <> 'active' THEN NULL
        WHEN keyless.anchor IS NOT NULL THEN 'keyless'
        WHEN shared.anchor IS NOT NULL THEN 'shared'
    END AS doubt
FROM uncertain AS eligibility
-- Of a leaver whose remembered account is gone, another that carries their key is looked at as if nothing were remembered: now, not a night later.
LEFT JOIN link ON link.anchor = eligibility.anchor AND NOT (
    eligibility.expected IN ('none', 'not_yet') AND link.account_id NOT IN (SELECT account_id FROM account)
    AND eligibility.anchor IN (SELECT anchor FROM candidate)
)
LEFT JOIN account AS linked ON linked.account_id = link.account_id
LEFT JOIN per_identity AS found ON found.anchor = eligibility.anchor AND link.anchor IS NULL
LEFT JOIN per_identity AS other ON other.anchor = eligibility.anchor AND link.anchor IS NOT NULL
-- An account that carries a person's anchor is theirs, whatever address somebody else brings.
LEFT JOIN rivals ON rivals.account_id = found.account_id AND (NOT found.by_anchor OR rivals.by_anchor > 1)
LEFT JOIN contradiction AS owned
    ON owned.anchor = found.anchor AND owned.account_id = found.account_id AND owned.by_anchor AND len(owned.people) > 0
LEFT JOIN account_owner AS taken ON taken.account_id = found.account_id
LEFT JOIN eligibility AS taker ON taker.anchor = taken.anchor
LEFT JOIN keyless ON keyless.anchor = eligibility.anchor
LEFT JOIN shared_key AS shared ON shared.anchor = eligibility.anchor
LEFT JOIN conflicting_links ON conflicting_links.anchor = eligibility.anchor
LEFT JOIN shared_account AS beside ON beside.anchor = eligibility.anchor
UNION ALL
SELECT eligibility.anchor, eligibility.name, eligibility.state, eligibility.expected, confirmed.account_id, NULL AS rank, 'CONFIRMED' AS situation, NULL AS doubt
FROM confirmed JOIN eligibility USING (anchor);

-- make_account_situations --
-- The situation of every account, exactly one each.
--   account_id  VARCHAR  key
--   anchor      VARCHAR
--   situation   VARCHAR
CREATE TABLE account_situation AS
WITH ambiguous AS (
    SELECT account_id FROM candidate
    WHERE anchor IN (SELECT anchor FROM identity_situation WHERE situation IN ('AMBIGUOUS', 'MISSING'))
    GROUP BY account_id
),
account_in_conflict AS (
    SELECT unnest(accounts) AS account_id FROM conflicting_links UNION SELECT account_id FROM shared_account
),
paired AS (
    SELECT account_id, anchor, situation FROM identity_situation
    WHERE situation IN ('CONFIRMED', 'FOUND', 'UNQUALIFIED')
)
SELECT
    account.account_id, coalesce(paired.anchor, link.anchor, '') AS anchor,
    CASE
        WHEN paired.situation IS NOT NULL THEN paired.situation
        WHEN account_in_conflict.account_id IS NOT NULL THEN 'AMBIGUOUS'
        WHEN link.account_id IS NOT NULL THEN 'SOURCE_MISSING'
        WHEN ambiguous.account_id IS NOT NULL THEN 'AMBIGUOUS'
        ELSE 'UNASSIGNED'
    END AS situation
FROM account
LEFT JOIN paired ON paired.account_id = account.account_id
LEFT JOIN account_owner AS link ON link.account_id = account.account_id
LEFT JOIN ambiguous ON ambiguous.account_id = account.account_id
LEFT JOIN account_in_conflict ON account_in_conflict.account_id = account.account_id;

-- identity_situations --
-- The identities about which something is to be decided beyond their attributes; who is confirmed and working, or only to be created, is left out.
WITH options AS (
    SELECT candidate.anchor, list([account_id, account.login] ORDER BY account_id)[1:20] AS accounts, bool_or(account.state IN ('active', 'unknown')) AS works
    FROM candidate JOIN account USING (account_id) JOIN identity_situation AS situation USING (anchor)
    WHERE situation.situation IN ('AMBIGUOUS', 'FOUND_ALREADY_LINKED', 'MISSING')
    GROUP BY candidate.anchor
    UNION ALL
    SELECT conflicting_links.anchor, list([account_id, account.login] ORDER BY account_id)[1:20] AS accounts, bool_or(account.state IN ('active', 'unknown')) AS works
    FROM (SELECT anchor, unnest(accounts) AS account_id FROM conflicting_links) AS conflicting_links JOIN account USING (account_id)
    GROUP BY conflicting_links.anchor
    UNION ALL
    SELECT shared_account.anchor, [[account_id, account.login]] AS accounts, account.state IN ('active', 'unknown') AS works
    FROM shared_account JOIN account USING (account_id) WHERE anchor NOT IN (SELECT anchor FROM conflicting_links)
)
SELECT situation.anchor, situation.name, situation.state, identity._life, situation.expected, coalesce(situation.account_id, '') AS account_id,
    situation.rank, account.keys[situation.rank] AS found_value, situation.situation,
    coalesce(account.login, '') AS login, coalesce(account.state, '') AS account_state, coalesce(account.status, '') AS status,
    coalesce(options.accounts, []) AS candidates, coalesce(options.works, false) AS candidate_works, suspension.account_id IS NOT NULL AS suspended_by_us,
    doubt.kind, doubt.account, doubt.attribute, doubt.value, doubt.against, doubt.stated, doubt.gone, doubt.others, doubt.total
FROM identity_situation AS situation
JOIN identity ON identity.anchor = situation.anchor
LEFT JOIN account USING (account_id)
LEFT JOIN own_suspension AS suspension USING (account_id)
LEFT JOIN doubt ON doubt.anchor = situation.anchor
LEFT JOIN options ON options.anchor = situation.anchor
WHERE situation.situation NOT IN ('NOT_DUE', 'LINK_ONLY', 'ABSENT')
    AND NOT (situation.situation = 'CONFIRMED' AND situation.expected = 'active' AND account.state = 'active')
ORDER BY situation.anchor;

-- stale_links --
-- Links to accounts that are gone, of people who are proven to be gone or should have none.
SELECT remembered_as, account_id, anchor NOT IN (SELECT anchor FROM eligibility) AS both_gone FROM remembered
WHERE account_id NOT IN (SELECT account_id FROM account)
    AND account_id NOT IN (SELECT id FROM store.unlisted WHERE system = $target AND answer = 'unasked') AND (
    ($absence_proven AND anchor NOT IN (SELECT anchor FROM eligibility))
    OR anchor IN (SELECT anchor FROM identity_situation WHERE situation = 'LINK_ONLY')
)
ORDER BY remembered_as;

-- unmatched_accounts --
-- The accounts of nobody in the sources: no identity at all, or one that vanished. Of those that carry somebody's anchor all the same: by which attribute, whose, and the login of that person's account.
WITH carrier AS (
    SELECT situation.account_id, rule.attribute, rule.rank, trim(account.keys[rule.rank]) AS key
    FROM account_situation AS situation JOIN account USING (account_id) CROSS JOIN key_rule AS rule
    WHERE situation.situation = 'UNASSIGNED' AND rule.by_anchor AND trim(account.keys[rule.rank]) <> ''
),
stated AS (
    -- By rank and key, so that the join is one of hashes.
    SELECT keys.anchor, asked.rank, keys.values[asked.rank] AS key FROM keys_of_person AS keys CROSS JOIN (SELECT DISTINCT rank FROM carrier) AS asked
),
carried AS (
    SELECT carrier.account_id, carrier.attribute, person.anchor, person.name, person.expected = 'none' AS leaving,
        coalesce(nullif(own.login, ''), person.account_id) AS own_login
    FROM carrier
    JOIN stated USING (rank, key)
    JOIN identity_situation AS person ON person.anchor = stated.anchor
    JOIN account AS own ON own.account_id = person.account_id
    ANTI JOIN (SELECT anchor, account_id FROM link_decision WHERE decision = 'different') AS apart
        ON apart.anchor = person.anchor AND apart.account_id = carrier.account_id
    QUALIFY row_number() OVER (PARTITION BY carrier.account_id ORDER BY carrier.rank, person.anchor) = 1
)
SELECT situation.account_id, situation.anchor, situation.situation, account.login, account.state, account.status,
    carried.attribute, carried.anchor AS carried_anchor, carried.name, carried.leaving, carried.own_login
FROM account_situation AS situation JOIN account USING (account_id) LEFT JOIN carried ON carried.account_id = situation.account_id
WHERE situation.situation IN ('UNASSIGNED', 'SOURCE_MISSING')
ORDER BY situation.account_id;

-- situation_counts --
-- How many identities and accounts are in each situation; a pair counts once.
SELECT situation, count(*) FROM (
    SELECT situation FROM identity_situation
    UNION ALL
    SELECT situation FROM account_situation WHERE situation IN ('UNASSIGNED', 'SOURCE_MISSING')
    UNION ALL
    SELECT 'LINK_ONLY' FROM link
    WHERE anchor NOT IN (SELECT anchor FROM eligibility) AND account_id NOT IN (SELECT account_id FROM account)
) GROUP BY situation ORDER BY situation;

-- working_accounts --
-- How many accounts can be used, or could be once activated: what percentages are of.
SELECT count(*) FROM account WHERE state <> 'deactivated';
