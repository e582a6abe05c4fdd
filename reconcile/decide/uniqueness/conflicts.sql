-- make_claims --
-- Who claims a value of one attribute, and who holds one, by the value's hash; of those whom nobody else meets there is nothing to tell. Who is frozen claims what they would have.
CREATE TABLE claim AS
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
