-- wanted_accounts --
-- What the account of each person without one should be.
SELECT situation.anchor, situation.name, situation.state, situation.life, situation.situation, desired.vals
FROM identity_situation AS situation JOIN desired USING (anchor)
WHERE situation.expected = 'due' AND situation.situation IN ('ABSENT', 'MISSING')
ORDER BY situation.anchor;

-- make_attribute_rules --
-- How each mapped attribute is compared.
CREATE OR REPLACE TABLE attribute_rule (
    position BIGINT, name VARCHAR, immutable BOOLEAN, create_only BOOLEAN, clear BOOLEAN, ignore_case BOOLEAN, required BOOLEAN, needed BOOLEAN,
    telephone BOOLEAN
);

-- add_attribute_rule --
-- One of them.
INSERT INTO attribute_rule VALUES ($position, $name, $immutable, $create_only, $clear, $ignore_case, $required, $needed, $telephone);

-- make_unlike --
-- The existing accounts that are not in everything as they should be, by the marks of all their values: no list goes through a join of everybody. Two lists with one 64-bit mark are not expected in the life of an installation.
CREATE OR REPLACE TABLE unlike AS
SELECT situation.anchor, situation.account_id
FROM identity_situation AS situation
JOIN desired USING (anchor)
JOIN account USING (account_id)
WHERE situation.expected IN ('due', 'away') AND situation.situation IN ('CONFIRMED', 'FOUND') AND desired.mark <> account.mark;

-- differences --
-- Where an existing account differs from what it should be, one row an attribute.
WITH compared AS (
    SELECT unlike.anchor, unlike.account_id, desired.vals AS wanted, account.vals AS held
    FROM unlike
    JOIN desired USING (anchor)
    JOIN account USING (account_id)
),
by_attribute AS (
    SELECT anchor, account_id, generate_subscripts(wanted, 1) AS position, unnest(wanted) AS wanted, unnest(held) AS held
    FROM compared
)
SELECT anchor, account_id, rule.name, rule.position, wanted, held, rule.immutable
FROM by_attribute JOIN attribute_rule AS rule USING (position)
WHERE NOT rule.create_only
    AND wanted IS NOT NULL
    AND NOT (rule.required AND blank(wanted))
    AND (wanted <> '' OR (rule.clear AND coalesce(held, '') <> ''))
    AND wanted IS DISTINCT FROM held
    AND NOT (rule.ignore_case AND one_case(nfc_normalize(wanted)) IS NOT DISTINCT FROM one_case(nfc_normalize(held)))
    -- A number and its URI (RFC 3966) are one value; two spellings of a number without a URI are two.
    AND NOT (
        rule.telephone AND held IS NOT NULL AND starts_with(lower(wanted), 'tel:') <> starts_with(lower(held), 'tel:')
        AND translate(regexp_replace(wanted, '^tel:', '', 'i'), ' -.()', '') = translate(regexp_replace(held, '^tel:', '', 'i'), ' -.()', '')
    )
ORDER BY anchor, position;

-- missing_required --
-- People with an account, or due for one, of whom a required attribute has no value. What the target needs itself is asked of new accounts.
SELECT situation.anchor, situation.name,
    CASE WHEN situation.situation IN ('CONFIRMED', 'FOUND') THEN situation.account_id ELSE '' END AS account_id,
    list(rule.name ORDER BY rule.position) AS attributes
FROM (
    SELECT anchor, generate_subscripts(vals, 1) AS position, unnest(vals) AS value FROM desired
) AS wanted
JOIN attribute_rule AS rule USING (position)
JOIN identity_situation AS situation USING (anchor)
WHERE (rule.required OR (rule.needed AND situation.situation IN ('ABSENT', 'MISSING')))
    AND blank(wanted.value)
    AND (
        (situation.expected = 'due' AND situation.situation IN ('ABSENT', 'MISSING', 'CONFIRMED', 'FOUND'))
        OR (situation.expected = 'away' AND situation.situation IN ('CONFIRMED', 'FOUND'))
    )
    AND (situation.anchor, wanted.position) NOT IN (SELECT (anchor, position) FROM without_candidate)
    AND (situation.anchor, wanted.position) NOT IN (SELECT (anchor, position) FROM unseen_value WHERE refused)
GROUP BY ALL
ORDER BY situation.anchor;

-- account_attributes --
-- The attributes of some accounts, as their system states them.
SELECT id, attributes FROM store.record_version
WHERE system = $target AND valid_to IS NULL AND id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY id;

-- make_claims --
-- Who claims a value of one attribute, and who holds one, by the value's hash; of those whom nobody else meets there is nothing to tell. Who is frozen claims what they would have.
CREATE OR REPLACE TABLE claim AS
WITH each AS (
    SELECT hash(comparable(desired.vals[$position])) AS mark, coalesce(situation.account_id, '') AS account_id, situation.anchor, true AS wanted,
        situation.expected = 'held' AS frozen
    FROM identity_situation AS situation JOIN desired USING (anchor)
    WHERE comparable(desired.vals[$position]) <> '' AND (
        (situation.expected IN ('due', 'away') AND situation.situation IN ('ABSENT', 'MISSING', 'CONFIRMED', 'FOUND'))
        OR situation.anchor IN (SELECT anchor FROM due WHERE expected = 'held' AND if_trusted IN ('due', 'away', 'future'))
    )
    UNION ALL
    SELECT hash(comparable(vals[$position])) AS mark, account_id, '' AS anchor, false AS wanted, false AS frozen
    FROM account WHERE comparable(vals[$position]) <> ''
),
contested AS (
    SELECT mark FROM each GROUP BY mark HAVING count_if(wanted) > 1 OR (count_if(wanted) > 0 AND min(account_id) <> max(account_id))
)
SELECT account_id, anchor, wanted, frozen FROM each WHERE mark IN (SELECT mark FROM contested);

-- value_collisions --
-- Values of one attribute that two would hold after this plan: wanted by two people, or wanted by one and held by an account that is not theirs.
WITH wanted AS (
    SELECT claim.anchor, claim.account_id, claim.frozen, desired.vals[$position] AS value, comparable(desired.vals[$position]) AS key,
        lower(trim(desired.vals[$position])) AS written
    FROM claim JOIN desired USING (anchor) WHERE claim.wanted
),
held AS (
    SELECT account.account_id, coalesce(situation.anchor, '') AS anchor, account.login, comparable(account.vals[$position]) AS key,
        lower(trim(account.vals[$position])) AS stored
    FROM claim JOIN account USING (account_id) LEFT JOIN account_situation AS situation USING (account_id) WHERE NOT claim.wanted
)
SELECT one.anchor, one.account_id, one.value, 'wanted' AS claim, other.anchor AS other_anchor, other.account_id AS other_account, '' AS other_login
FROM wanted AS one JOIN wanted AS other ON one.key = other.key AND one.anchor <> other.anchor
WHERE NOT one.frozen
UNION ALL
SELECT one.anchor, one.account_id, one.value, 'held' AS claim, other.anchor AS other_anchor, other.account_id AS other_account, other.login AS other_login
FROM wanted AS one JOIN held AS other ON one.key = other.key AND one.account_id <> other.account_id
WHERE NOT one.frozen AND NOT EXISTS (
    -- Who holds it already is not in the way of keeping it: two accounts that share a value today are nobody's change. What only looks like it is another value to the system.
    SELECT 1 FROM held AS mine WHERE mine.account_id = one.account_id AND mine.stored = one.written
)
ORDER BY anchor, claim, other_anchor, other_account;

-- drop_temporary --
-- Makes room for the next target.
DROP TABLE IF EXISTS temporary;

-- make_waiting_people --
-- The people who wait for one another's values, as identities.
CREATE OR REPLACE TABLE waiting_person AS
SELECT * FROM identity WHERE anchor IN (SELECT unnest($anchors::VARCHAR[]));

-- temporary_values --
-- The temporary values for one attribute, and whether each is held by an account, should be somebody's, or would be given to two.
WITH offered AS (SELECT anchor, trim(plain(vals[$place])) AS value, comparable(vals[$place]) AS key FROM temporary)
SELECT
    offered.anchor, coalesce(offered.value, '') AS value,
    count(*) OVER (PARTITION BY offered.key) > 1
        OR offered.key IN (SELECT comparable(vals[$position]) FROM account WHERE vals[$position] IS NOT NULL)
        OR offered.key IN (SELECT comparable(vals[$position]) FROM desired WHERE vals[$position] IS NOT NULL) AS taken
FROM offered ORDER BY offered.anchor;
