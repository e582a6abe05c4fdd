-- drop_due --
-- Makes room for the next target.
DROP TABLE IF EXISTS due;

-- drop_judged_who --
-- Makes room for the next target.
DROP TABLE IF EXISTS who;

-- drop_desired --
-- Makes room for the next target.
DROP TABLE IF EXISTS desired;

-- drop_identity_keys --
-- Makes room for the next target.
DROP TABLE IF EXISTS identity_keys;

-- drop_grant_results --
-- Makes room for the next target.
DROP TABLE IF EXISTS grant_results;

-- make_due --
-- Who should have a working account in this target: due, away (theirs, suspended), not_due, future, or held back for an unusable row.
CREATE OR REPLACE TABLE due AS
SELECT
    who.anchor, identity.state, coalesce(identity._life, '') AS life, coalesce(who.name, '') AS name,
    CASE WHEN coalesce(who.name, '') = '' THEN who.anchor ELSE who.name || ' (' || who.anchor || ')' END AS shown,
    CASE
        WHEN held.anchor IS NOT NULL THEN 'held'
        WHEN identity.state = 'future' THEN 'future'
        WHEN identity.state = 'terminated' THEN 'not_due'
        WHEN identity.state = 'leave' AND $leave = 'deactivate' THEN 'not_due'
        WHEN coalesce(who.qualifies, 'false') <> 'true' THEN 'not_due'
        WHEN identity.state = 'leave' AND $leave = 'suspend' THEN 'away'
        ELSE 'due'
    END AS expected
FROM who
JOIN identity USING (anchor)
LEFT JOIN held_anchor AS held USING (anchor);

-- make_accounts --
-- The accounts of this target, with the values of the attributes that the mapping and its keys name. The last two paths are login and e-mail address.
CREATE OR REPLACE TABLE account AS
WITH read AS (
    SELECT
        id AS account_id, state, status,
        json_extract_string(attributes, $paths::VARCHAR[]) AS vals,
        json_extract_string(attributes, $key_paths::VARCHAR[]) AS keys
    FROM store.record_version
    WHERE system = $target AND valid_to IS NULL
)
SELECT account_id, state, status, vals, keys[1:-3] AS keys, coalesce(keys[-2], '') AS login, coalesce(keys[-1], '') AS email
FROM read;

-- make_remembered --
-- The remembered pairs of this target, each with the person whose anchor it is.
CREATE OR REPLACE TABLE remembered AS
SELECT link.anchor AS remembered_as, coalesce(alias.identity, link.anchor) AS anchor, link.account_id, link.because
FROM store.link AS link LEFT JOIN alias ON alias.anchor = link.anchor
WHERE link.target = $target;

-- make_torn --
-- People of whom several anchors are linked to different accounts, which exist.
CREATE OR REPLACE TABLE torn AS
SELECT remembered.anchor, list(DISTINCT remembered.account_id ORDER BY remembered.account_id) AS accounts,
    list(coalesce(nullif(account.login, ''), account_id) || ' (as ' || remembered_as || ')' ORDER BY remembered_as) AS shown
FROM remembered JOIN account USING (account_id)
WHERE remembered.anchor IN (SELECT identity FROM alias)
GROUP BY remembered.anchor HAVING count(DISTINCT account_id) > 1;

-- make_links --
-- One remembered pair a person: with an account that exists, and by their own anchor, where there is a choice. Of who is torn the other accounts are taken, too.
CREATE OR REPLACE TABLE known_link AS
WITH several AS (
    SELECT remembered.*, account.account_id IS NOT NULL AS there,
        row_number() OVER (PARTITION BY anchor ORDER BY account.account_id IS NULL, remembered_as <> anchor, remembered_as) AS place
    FROM remembered LEFT JOIN account USING (account_id)
    WHERE anchor IN (SELECT identity FROM alias)
)
SELECT anchor, account_id, because FROM remembered WHERE anchor NOT IN (SELECT identity FROM alias)
UNION ALL
SELECT anchor, account_id, because FROM several WHERE place = 1
UNION ALL
SELECT remembered_as, account_id, because FROM several WHERE place > 1 AND there AND anchor IN (SELECT anchor FROM torn);

-- moved_links --
-- Pairs that are remembered by another anchor than the person's. `kept`: the pair is remembered by the person's own from now on.
SELECT remembered.remembered_as, remembered.anchor, remembered.account_id,
    known.anchor IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM remembered AS same WHERE same.anchor = remembered.anchor AND same.account_id = remembered.account_id
            AND (same.remembered_as = same.anchor OR same.remembered_as < remembered.remembered_as)
    ) AS kept,
    due.name, coalesce(account.login, '') AS login
FROM remembered
JOIN due ON due.anchor = remembered.anchor
JOIN identity_situation AS situation ON situation.anchor = remembered.anchor
LEFT JOIN known_link AS known ON known.anchor = remembered.anchor AND known.account_id = remembered.account_id
LEFT JOIN account ON account.account_id = remembered.account_id
WHERE remembered.remembered_as <> remembered.anchor AND due.expected <> 'held'
    AND remembered.anchor NOT IN (SELECT anchor FROM torn) AND situation.situation <> 'LINK_ONLY'
ORDER BY remembered.anchor, remembered.remembered_as;

-- make_candidates --
-- People without an account of theirs and the accounts that share a key with them. A pair is contradicted where an earlier key is stated on both sides and differs.
CREATE OR REPLACE TABLE candidate AS
WITH wanted AS (
    SELECT keys.anchor, generate_subscripts(keys.vals, 1) AS rank, lower(nfc_normalize(trim(unnest(keys.vals)))) AS key
    FROM identity_keys AS keys
    WHERE keys.anchor NOT IN (SELECT anchor FROM known_link JOIN account USING (account_id))
),
offered AS (
    SELECT account_id, generate_subscripts(keys, 1) AS rank, lower(nfc_normalize(trim(unnest(keys)))) AS key
    FROM account
),
matched AS (
    SELECT wanted.anchor, offered.account_id, min(wanted.rank) AS rank
    FROM wanted JOIN offered ON wanted.rank = offered.rank AND wanted.key = offered.key
    WHERE wanted.key <> ''
    GROUP BY ALL
)
SELECT
    matched.anchor, matched.account_id, matched.rank,
    exists(
        SELECT 1 FROM wanted JOIN offered USING (rank)
        WHERE wanted.anchor = matched.anchor AND offered.account_id = matched.account_id AND wanted.rank < matched.rank
            AND wanted.key <> '' AND offered.key <> '' AND wanted.key <> offered.key
    ) AS contradicted
FROM matched;

-- make_shared_keys --
-- Unlinked people who should have an account, have none, and share a key with another such person.
CREATE OR REPLACE TABLE shared_key AS
WITH wanted AS (
    SELECT keys.anchor, due.shown, generate_subscripts(keys.vals, 1) AS rank, lower(nfc_normalize(trim(unnest(keys.vals)))) AS key
    FROM identity_keys AS keys JOIN due USING (anchor)
    WHERE due.expected = 'due' AND keys.anchor NOT IN (SELECT anchor FROM known_link)
),
shared AS (SELECT rank, key, list(shown ORDER BY anchor) AS people FROM wanted WHERE key <> '' GROUP BY rank, key HAVING count(*) > 1)
SELECT wanted.anchor, min(wanted.key) AS key, arg_min(shared.people, (wanted.key, wanted.rank)) AS people
FROM wanted JOIN shared USING (rank, key) GROUP BY wanted.anchor;

-- make_keyless --
-- Unlinked people none of whose keys has a value.
CREATE OR REPLACE TABLE keyless AS
SELECT anchor FROM identity_keys WHERE len(vals) > 0 AND len(list_filter(vals, lambda val: trim(coalesce(val, '')) <> '')) = 0;

-- make_identity_situations --
-- The situation of every identity, exactly one each.
CREATE OR REPLACE TABLE identity_situation AS
WITH per_identity AS (
    SELECT anchor, count(*) AS accounts, min(account_id) AS account_id, min(rank) AS rank, bool_or(contradicted) AS contradicted
    FROM candidate GROUP BY anchor
),
several_accounts AS (
    SELECT candidate.anchor, list(coalesce(nullif(account.login, ''), account_id) ORDER BY account_id) AS accounts
    FROM candidate JOIN account USING (account_id)
    WHERE candidate.anchor IN (SELECT anchor FROM per_identity WHERE accounts > 1)
    GROUP BY candidate.anchor
),
rivals AS (
    SELECT candidate.account_id, list(due.shown ORDER BY anchor) AS people
    FROM candidate JOIN due USING (anchor)
    WHERE candidate.account_id IN (SELECT account_id FROM candidate GROUP BY account_id HAVING count(*) > 1)
    GROUP BY candidate.account_id
),
claimants AS (
    SELECT candidate.account_id, list(due.shown ORDER BY anchor) AS people
    FROM candidate JOIN due USING (anchor)
    WHERE due.expected <> 'not_due' AND candidate.account_id IN (SELECT account_id FROM known_link)
    GROUP BY candidate.account_id
),
named AS (
    SELECT found.anchor, coalesce(nullif(account.login, ''), account.account_id) AS account,
        list_filter(rivals.people, lambda one: one <> due.shown) AS others
    FROM per_identity AS found
    JOIN due USING (anchor)
    JOIN account USING (account_id)
    LEFT JOIN rivals USING (account_id)
    -- Only where a note will name them: on a first night everybody is found.
    WHERE found.contradicted OR rivals.account_id IS NOT NULL
        OR found.account_id IN (SELECT account_id FROM known_link) OR found.anchor IN (SELECT anchor FROM known_link)
)
SELECT
    due.anchor, due.name, due.shown, due.state, due.life, due.expected,
    CASE WHEN torn.anchor IS NULL THEN coalesce(link.account_id, CASE WHEN found.accounts = 1 THEN found.account_id END) END AS account_id,
    CASE WHEN link.anchor IS NULL THEN found.rank END AS rank,
    CASE
        WHEN torn.anchor IS NOT NULL THEN 'AMBIGUOUS'
        WHEN link.anchor IS NOT NULL AND linked.account_id IS NOT NULL AND due.expected IN ('due', 'away', 'held') THEN 'CONFIRMED'
        WHEN link.anchor IS NOT NULL AND linked.account_id IS NOT NULL THEN 'UNQUALIFIED'
        WHEN link.anchor IS NOT NULL AND due.expected IN ('due', 'away', 'held') THEN 'MISSING'
        WHEN link.anchor IS NOT NULL THEN 'LINK_ONLY'
        WHEN found.accounts > 1 OR found.contradicted THEN 'AMBIGUOUS'
        WHEN found.accounts = 1 AND taken.account_id IS NOT NULL THEN 'FOUND_ALREADY_LINKED'
        WHEN found.accounts = 1 AND rivals.account_id IS NOT NULL THEN 'AMBIGUOUS'
        WHEN found.accounts = 1 AND due.expected IN ('due', 'away', 'held') THEN 'FOUND'
        WHEN found.accounts = 1 THEN 'UNQUALIFIED'
        WHEN due.expected <> 'due' THEN 'NOT_DUE'
        WHEN keyless.anchor IS NOT NULL OR shared.anchor IS NOT NULL THEN 'AMBIGUOUS'
        ELSE 'ABSENT'
    END AS situation,
    CASE
        WHEN torn.anchor IS NOT NULL THEN 'is one person with several remembered accounts: ' || list_of(torn.shown)
        WHEN linked.account_id IS NOT NULL AND due.expected NOT IN ('due', 'away', 'held') AND claimants.account_id IS NOT NULL THEN list_of(claimants.people)
        WHEN linked.account_id IS NULL AND link.anchor IS NOT NULL AND other.accounts > 0 THEN 'matches the account ' || named.account || ' by now'
        WHEN link.anchor IS NOT NULL THEN NULL
        WHEN found.accounts > 1 THEN 'matches ' || found.accounts || ' accounts: ' || list_of(several.accounts)
        WHEN found.contradicted THEN 'matches the account ' || named.account || ' on a later key while an earlier key says that it is somebody else''s'
            || CASE WHEN len(named.others) > 0 THEN '; it also matches ' || list_of(named.others) ELSE '' END
        WHEN found.accounts = 1 AND taken.account_id IS NOT NULL
            THEN 'matches the account ' || named.account || ', which is linked to ' || coalesce(taker.shown, taken.anchor)
        WHEN found.accounts = 1 AND rivals.account_id IS NOT NULL
            THEN 'matches the account ' || named.account || CASE WHEN len(named.others) = 1 THEN ', and so does ' ELSE ', and so do ' END || list_of(named.others)
        WHEN keyless.anchor IS NOT NULL THEN 'has no value for any correlation key'
        WHEN shared.anchor IS NOT NULL THEN 'shares the key ''' || shared.key || ''' with ' || list_of(list_filter(shared.people, lambda one: one <> due.shown))
            || ', also without an account'
    END AS note
FROM due
-- Of a leaver whose remembered account is gone, another that carries their key is looked at as if nothing were remembered: now, not a night later.
LEFT JOIN known_link AS link ON link.anchor = due.anchor AND NOT (
    due.expected IN ('not_due', 'future') AND link.account_id NOT IN (SELECT account_id FROM account)
    AND due.anchor IN (SELECT anchor FROM candidate)
)
LEFT JOIN account AS linked ON linked.account_id = link.account_id
LEFT JOIN per_identity AS found ON found.anchor = due.anchor AND link.anchor IS NULL
LEFT JOIN per_identity AS other ON other.anchor = due.anchor AND link.anchor IS NOT NULL
LEFT JOIN rivals ON rivals.account_id = found.account_id
LEFT JOIN known_link AS taken ON taken.account_id = found.account_id
LEFT JOIN due AS taker ON taker.anchor = taken.anchor
LEFT JOIN named ON named.anchor = due.anchor
LEFT JOIN several_accounts AS several ON several.anchor = due.anchor
LEFT JOIN keyless ON keyless.anchor = due.anchor
LEFT JOIN shared_key AS shared ON shared.anchor = due.anchor
LEFT JOIN torn ON torn.anchor = due.anchor
LEFT JOIN claimants ON claimants.account_id = linked.account_id;

-- make_account_situations --
-- The situation of every account, exactly one each.
CREATE OR REPLACE TABLE account_situation AS
WITH ambiguous AS (
    SELECT account_id FROM candidate
    WHERE anchor IN (SELECT anchor FROM identity_situation WHERE situation IN ('AMBIGUOUS', 'MISSING'))
    GROUP BY account_id
),
torn_account AS (SELECT DISTINCT unnest(accounts) AS account_id FROM torn),
paired AS (
    SELECT account_id, anchor, situation FROM identity_situation
    WHERE situation IN ('CONFIRMED', 'FOUND', 'UNQUALIFIED')
)
SELECT
    account.account_id, coalesce(paired.anchor, link.anchor, '') AS anchor,
    CASE
        WHEN paired.situation IS NOT NULL THEN paired.situation
        WHEN torn_account.account_id IS NOT NULL THEN 'AMBIGUOUS'
        WHEN link.account_id IS NOT NULL THEN 'SOURCE_MISSING'
        WHEN ambiguous.account_id IS NOT NULL THEN 'AMBIGUOUS'
        ELSE 'UNASSIGNED'
    END AS situation
FROM account
LEFT JOIN paired ON paired.account_id = account.account_id
LEFT JOIN known_link AS link ON link.account_id = account.account_id
LEFT JOIN ambiguous ON ambiguous.account_id = account.account_id
LEFT JOIN torn_account ON torn_account.account_id = account.account_id;

-- identity_situations --
-- The identities about which something is to be decided beyond their attributes; who is confirmed and working is left out.
SELECT situation.anchor, situation.name, situation.state, situation.life, situation.expected, coalesce(situation.account_id, '') AS account_id,
    situation.rank, situation.situation, coalesce(situation.note, '') AS note,
    coalesce(account.login, '') AS login, coalesce(account.state, '') AS account_state, coalesce(account.status, '') AS status,
    rest.account_id IS NOT NULL AS rests
FROM identity_situation AS situation
LEFT JOIN account USING (account_id)
LEFT JOIN rest USING (account_id)
WHERE situation.situation NOT IN ('NOT_DUE', 'LINK_ONLY')
    AND NOT (situation.situation = 'CONFIRMED' AND situation.expected = 'due' AND account.state = 'active')
ORDER BY situation.anchor;

-- subjects --
-- How a reviewer knows the people of some anchors: name, and the login of their account.
SELECT situation.anchor, situation.name, coalesce(account.login, '') AS login, coalesce(situation.account_id, '') AS account_id, situation.situation
FROM identity_situation AS situation LEFT JOIN account USING (account_id)
WHERE situation.anchor IN (SELECT unnest($anchors::VARCHAR[]))
ORDER BY situation.anchor;

-- logins --
-- The logins of some accounts.
SELECT account_id, login, email, state FROM account WHERE account_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY account_id;

-- forgotten_links --
-- Links to accounts that are gone, of people who are gone or should have none.
SELECT remembered_as, account_id, anchor NOT IN (SELECT anchor FROM due) AS both_gone FROM remembered
WHERE account_id NOT IN (SELECT account_id FROM account) AND (
    anchor NOT IN (SELECT anchor FROM due)
    OR anchor IN (SELECT anchor FROM identity_situation WHERE situation = 'LINK_ONLY')
)
ORDER BY remembered_as;

-- unclaimed_accounts --
-- The accounts of nobody in the sources: no identity at all, or one that vanished.
SELECT situation.account_id, situation.anchor, situation.situation, account.login, account.state
FROM account_situation AS situation JOIN account USING (account_id)
WHERE situation.situation IN ('UNASSIGNED', 'SOURCE_MISSING')
ORDER BY situation.account_id;

-- situation_counts --
-- How many identities and accounts are in each situation; a pair counts once.
SELECT situation, count(*) FROM (
    SELECT situation FROM identity_situation
    UNION ALL
    SELECT situation FROM account_situation WHERE situation IN ('UNASSIGNED', 'SOURCE_MISSING')
    UNION ALL
    SELECT 'LINK_ONLY' FROM known_link
    WHERE anchor NOT IN (SELECT anchor FROM due) AND account_id NOT IN (SELECT account_id FROM account)
) GROUP BY situation ORDER BY situation;

-- working_accounts --
-- How many accounts can be used, or could be once activated: what percentages are of.
SELECT count(*) FROM account WHERE state <> 'deactivated';
