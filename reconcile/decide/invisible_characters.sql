-- holds_odd_values --
-- Whether anybody has a value of one attribute that is to be looked at. Most are printable ASCII.
SELECT EXISTS (SELECT 1 FROM desired WHERE odd(values[$position]) OR values[$position] <> trimmed(values[$position]));

-- make_mixed --
-- Whether one word of a text has letters of two alphabets that look alike, such as a Cyrillic a among Latin letters.
CREATE OR REPLACE MACRO mixed(val) AS regexp_matches(
    val,
    '\p{Latin}[\pL\pM\pN]*[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}\p{Coptic}]|[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}\p{Coptic}][\pL\pM\pN]*\p{Latin}|\p{Cyrillic}[\pL\pM\pN]*[\p{Greek}\p{Armenian}]|[\p{Greek}\p{Armenian}][\pL\pM\pN]*\p{Cyrillic}'
);

-- make_unseen --
-- Values that are not written as they are stated: what they are without what nobody sees, and whether they are written at all.
--   anchor    VARCHAR  key
--   position  BIGINT   key
--   stated    VARCHAR
--   value     VARCHAR
--   mixed     BOOLEAN
--   refused   BOOLEAN
CREATE TABLE unseen_value (anchor VARCHAR, position BIGINT, stated VARCHAR, value VARCHAR, mixed BOOLEAN, refused BOOLEAN);

-- add_unseen --
-- Those of one attribute: an address, or another value that is unique.
INSERT INTO unseen_value
WITH odd_one AS (
    SELECT anchor, values[$position] AS stated FROM desired
    WHERE (odd(values[$position]) OR values[$position] <> trimmed(values[$position]))
        -- A whole list of addresses is JSON text, whose own characters are not to be cleaned.
        AND left(values[$position], 2) NOT IN ('[{', '["')
),
cleaned AS MATERIALIZED (
    SELECT anchor, stated, nullif(trim(plain(stated)), '') AS value FROM odd_one
),
judged AS MATERIALIZED (SELECT *, $address AND coalesce(mixed(value), false) AS is_mixed FROM cleaned)
SELECT anchor, $position, stated, value, is_mixed AS mixed, is_mixed OR ($refuse AND coalesce(value, '') <> trim(stated)) AS refused
FROM judged WHERE value IS DISTINCT FROM stated OR is_mixed;

-- take_cleaned --
-- Makes the cleaned values what accounts should have; a refused one is as if nothing were stated.
UPDATE desired
SET values = list_concat(desired.values[1:$position - 1], [CASE WHEN NOT refused THEN value END], desired.values[$position + 1:]),
    value_hash = hash(list_concat(desired.values[1:$position - 1], [CASE WHEN NOT refused THEN value END], desired.values[$position + 1:]))
FROM unseen_value WHERE unseen_value.position = $position AND unseen_value.anchor = desired.anchor;

-- unseen_values --
-- The same of people who have an account or should have one, where more than outer white space makes the difference.
SELECT unseen.anchor, situation.name, coalesce(situation.account_id, '') AS account_id, coalesce(account.login, '') AS login, situation.situation,
    unseen.position, unseen.stated, coalesce(unseen.value, '') AS value, unseen.mixed, unseen.refused
FROM unseen_value AS unseen
JOIN identity_situation AS situation USING (anchor)
LEFT JOIN account ON account.account_id = situation.account_id
WHERE situation.expected IN ('active', 'suspended') AND situation.situation IN ('ABSENT', 'MISSING', 'CONFIRMED', 'FOUND')
    AND (unseen.refused OR coalesce(unseen.value, '') <> trim(unseen.stated))
ORDER BY unseen.anchor, unseen.position;
