-- make_claims --
-- Who claims a value of one of some attributes, and who holds one, by the value's hash; of those whom nobody else meets there is nothing to tell. Of what is set on creation only, an account that is there claims nothing. Nearly everybody wants what their account holds: only the others are asked what they want. Lists of values are read once for all attributes.
--   position    BIGINT
--   account_id  VARCHAR
--   anchor      VARCHAR
--   wanted      BOOLEAN
--   frozen      BOOLEAN
CREATE TABLE claim AS
WITH asked AS (
    SELECT position, list_contains($on_creation::BIGINT[], position) AS on_creation FROM (SELECT unnest($positions::BIGINT[]) AS position)
),
unsettled AS MATERIALIZED (
    -- Who is frozen claims what they would have.
    SELECT anchor, coalesce(account_id, '') AS account_id, expected = 'on_hold' AS frozen
    FROM identity_situation AS situation
    WHERE (
        expected IN ('active', 'suspended') AND (
            situation IN ('ABSENT', 'MISSING')
            OR (situation IN ('CONFIRMED', 'FOUND') AND anchor IN (SELECT anchor FROM differing_account))
        )
    ) OR anchor IN (SELECT anchor FROM eligibility WHERE expected = 'on_hold' AND if_trusted IN ('active', 'suspended', 'not_yet'))
),
wanting AS MATERIALIZED (
    SELECT wanted.position, hash(wanted.position, wanted.key) AS key_hash, wanted.anchor, wanted.account_id, wanted.frozen
    FROM (
        SELECT unsettled.*, position, comparable(values[position]) AS key
        FROM unsettled JOIN desired USING (anchor) JOIN asked ON unsettled.account_id = '' OR NOT asked.on_creation
    ) AS wanted
    WHERE wanted.key <> ''
),
holding AS MATERIALIZED (
    SELECT held.position, hash(held.position, held.key) AS key_hash, held.row_no
    FROM (SELECT account.rowid AS row_no, position, comparable(values[position]) AS key FROM account CROSS JOIN asked) AS held
    WHERE held.key <> ''
),
claiming AS (
    SELECT key_hash, account_id, true AS wanted FROM wanting
    UNION ALL
    SELECT holding.key_hash, account.account_id, false
    FROM holding JOIN account ON account.rowid = holding.row_no WHERE holding.key_hash IN (SELECT key_hash FROM wanting)
),
contested AS MATERIALIZED (
    SELECT key_hash FROM claiming GROUP BY key_hash HAVING count_if(wanted) > 1 OR min(account_id) <> max(account_id)
    UNION
    -- Who holds one of these may want it, too.
    SELECT key_hash FROM holding GROUP BY key_hash HAVING count(*) > 1
),
held AS MATERIALIZED (
    SELECT holding.position, account.account_id
    FROM holding JOIN account ON account.rowid = holding.row_no WHERE holding.key_hash IN (SELECT key_hash FROM contested)
)
SELECT position, account_id, anchor, true AS wanted, frozen FROM wanting WHERE key_hash IN (SELECT key_hash FROM contested)
UNION ALL
SELECT held.position, held.account_id, situation.anchor, true, false
FROM held JOIN identity_situation AS situation USING (account_id) ANTI JOIN unsettled USING (anchor)
WHERE situation.expected IN ('active', 'suspended') AND situation.situation IN ('CONFIRMED', 'FOUND')
    AND held.position NOT IN (SELECT position FROM asked WHERE on_creation)
UNION ALL
SELECT position, account_id, '' AS anchor, false, false FROM held;

-- value_collisions --
-- Values of one attribute that two would hold after this plan: wanted by two people, or wanted by one and held by an account that is not theirs. Of all
-- who want a value the last but oneself, and of more holders than the crowd the first two: with a placeholder that a thousand people have, every pair
-- would be a million rows.
WITH wanted AS MATERIALIZED (
    SELECT claim.anchor, claim.account_id, claim.frozen, desired.values[$position] AS value, comparable(desired.values[$position]) AS key,
        lower(trim(desired.values[$position])) AS written
    FROM claim JOIN desired USING (anchor) WHERE claim.wanted AND claim.position = $position
),
held AS MATERIALIZED (
    SELECT account.account_id, coalesce(situation.anchor, '') AS anchor, account.login, comparable(account.values[$position]) AS key,
        lower(trim(account.values[$position])) AS stored
    FROM claim JOIN account USING (account_id) LEFT JOIN account_situation AS situation USING (account_id)
    WHERE NOT claim.wanted AND claim.position = $position
),
last_two AS MATERIALIZED (SELECT key, max(anchor, 2) AS anchors FROM (SELECT DISTINCT key, anchor FROM wanted) GROUP BY key HAVING count(*) > 1),
rival AS (SELECT wanted.key, wanted.anchor, wanted.account_id FROM wanted JOIN last_two USING (key) WHERE list_contains(last_two.anchors, wanted.anchor)),
holder AS MATERIALIZED (
    SELECT held.* EXCLUDE (stored), count(*) OVER (PARTITION BY key) > $crowd AS crowded FROM held
    QUALIFY NOT crowded OR row_number() OVER (PARTITION BY key ORDER BY account_id) <= 2
)
SELECT one.anchor, one.account_id, one.value, 'wanted' AS claim, other.anchor AS other_anchor, other.account_id AS other_account, '' AS other_login,
    false AS crowded
FROM wanted AS one JOIN last_two USING (key)
JOIN rival AS other ON other.key = one.key AND other.anchor = CASE WHEN one.anchor = last_two.anchors[1] THEN last_two.anchors[2] ELSE last_two.anchors[1] END
WHERE NOT one.frozen
UNION ALL
SELECT one.anchor, one.account_id, one.value, 'held' AS claim, other.anchor AS other_anchor, other.account_id AS other_account, other.login AS other_login,
    other.crowded
FROM wanted AS one JOIN holder AS other ON one.key = other.key AND one.account_id <> other.account_id
WHERE NOT one.frozen AND NOT EXISTS (
    -- Who holds it already is not in the way of keeping it: two accounts that share a value today are nobody's change. What only looks like it is another value to the system.
    SELECT 1 FROM held AS mine WHERE mine.account_id = one.account_id AND mine.stored = one.written
)
ORDER BY anchor, claim, other_anchor, other_account;
