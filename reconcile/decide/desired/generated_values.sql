-- make_value_key --
-- What two values are compared by where they must be unique.
CREATE OR REPLACE MACRO value_key(value) AS coalesce(comparable(value), '');

-- make_without_candidate --
-- The people none of whose candidates for some attribute is free.
--   anchor    VARCHAR  key
--   position  BIGINT   key
CREATE TABLE without_candidate AS SELECT unnest($anchors::VARCHAR[]) AS anchor, unnest($positions::BIGINT[]) AS position;

-- make_wanting --
-- The people who should have a value: their first candidate, and what their account holds.
--   anchor     VARCHAR  key
--   first      VARCHAR
--   first_key  VARCHAR
--   held       VARCHAR
--   held_key   VARCHAR
CREATE TABLE wanting AS
SELECT
    situation.anchor, desired.values[$position] AS first, value_key(desired.values[$position]) AS first_key,
    account.values[$position] AS held, value_key(account.values[$position]) AS held_key
FROM identity_situation AS situation
JOIN desired USING (anchor)
LEFT JOIN account ON account.account_id = situation.account_id
WHERE situation.expected IN ('active', 'suspended') AND situation.situation IN ('ABSENT', 'MISSING', 'CONFIRMED', 'FOUND')
    AND situation.anchor NOT IN (SELECT anchor FROM unseen_value WHERE position = $position AND refused);

-- make_held_values --
-- The values that accounts hold, of any state and whoever they belong to, and those that frozen people would have.
--   key  VARCHAR  key
CREATE TABLE held_value AS
SELECT value_key(values[$position]) AS key FROM account WHERE value_key(values[$position]) <> ''
UNION
SELECT value_key(desired.values[$position]) FROM desired JOIN eligibility USING (anchor)
WHERE eligibility.expected = 'on_hold' AND eligibility.if_trusted IN ('active', 'suspended', 'not_yet') AND value_key(desired.values[$position]) <> '';

-- make_open_people --
-- Those for whom more than the first candidate matters: they hold another value, or their first is empty, held, or not theirs alone.
--   anchor    VARCHAR  key
--   held_key  VARCHAR
CREATE TABLE open_person AS
WITH unsettled AS (
    SELECT *, count(*) OVER (PARTITION BY first_key) AS sharing
    FROM wanting WHERE held_key = '' OR (held_key <> first_key AND NOT $create_only)
)
SELECT anchor, held_key FROM unsettled
WHERE held_key <> '' OR first_key = '' OR sharing > 1 OR first_key IN (SELECT key FROM held_value);

-- make_taken_values --
-- The values that nobody can choose: those that are held, and the first candidates that only one person has.
--   key  VARCHAR  key
CREATE TABLE taken_value AS
SELECT key FROM held_value
UNION
SELECT first_key FROM wanting WHERE held_key = '' AND anchor NOT IN (SELECT anchor FROM open_person);

-- make_open_identities --
-- The same people, with what their candidates are made of.
--   anchor  VARCHAR  key
--   ...
CREATE TABLE open_identity AS SELECT * FROM identity WHERE anchor IN (SELECT anchor FROM open_person);

-- make_candidate_values --
-- The candidates without a number, one row each.
--   anchor    VARCHAR
--   position  BIGINT
--   value     VARCHAR
CREATE TABLE candidate_value AS
SELECT anchor, generate_subscripts(values, 1) AS position, trim(plain(unnest(values))) AS value FROM candidate_list;

-- make_numbered_holders --
-- The people who hold a value that none of their candidates was so far, once for each of some numbers.
--   anchor  VARCHAR  key
--   number  VARCHAR  key
--   ...
CREATE TABLE numbered_identity AS
SELECT open_identity.*, numbers.number
FROM open_identity JOIN open_person USING (anchor), (SELECT CAST(unnest(range($first, $last + 1)) AS VARCHAR) AS number) AS numbers
WHERE open_person.held_key <> '';

-- make_numbered_people --
-- Some people, once for each of some numbers.
--   anchor  VARCHAR  key
--   number  VARCHAR  key
--   ...
CREATE TABLE numbered_identity AS
SELECT open_identity.*, numbers.number
FROM open_identity, (SELECT CAST(unnest(range($first, $last + 1)) AS VARCHAR) AS number) AS numbers
WHERE open_identity.anchor IN (SELECT unnest($anchors::VARCHAR[]));

-- make_numbered_values --
-- The candidates with a number, one row each.
--   anchor    VARCHAR
--   position  BIGINT
--   value     VARCHAR
CREATE TABLE candidate_value AS SELECT anchor, CAST(number AS BIGINT) AS position, trim(plain(value)) AS value FROM numbered_value;

-- keep_held --
-- Whoever holds one of their candidates keeps it, and has nothing to choose.
DELETE FROM open_person
USING candidate_value AS candidate
WHERE candidate.anchor = open_person.anchor AND value_key(candidate.value) = open_person.held_key AND open_person.held_key <> '';

-- open_holders --
-- How many people hold a value that none of their candidates was so far.
SELECT count(*) FROM open_person WHERE held_key <> '';

-- open_people --
-- Those who have to choose, in the order in which they do.
SELECT anchor FROM open_person ORDER BY anchor;

-- candidates_to_choose --
-- Their candidates in order, and whether each is taken already.
SELECT candidate.anchor, candidate.position, candidate.value, value_key(candidate.value) AS key,
    value_key(candidate.value) IN (SELECT key FROM taken_value) AS taken
FROM candidate_value AS candidate JOIN open_person USING (anchor)
WHERE value_key(candidate.value) <> ''
ORDER BY candidate.anchor, candidate.position;

-- make_choices --
-- What people chose; NULL where nothing was free.
--   anchor  VARCHAR  key
--   value   VARCHAR
CREATE TABLE choice AS SELECT unnest($anchors::VARCHAR[]) AS anchor, unnest($values::VARCHAR[]) AS value;

-- take_choices --
-- Makes what people hold or chose what their accounts should have.
UPDATE desired
SET values = list_concat(desired.values[1:$position - 1], [final.value], desired.values[$position + 1:]),
    value_hash = hash(list_concat(desired.values[1:$position - 1], [final.value], desired.values[$position + 1:]))
FROM (
    SELECT anchor, held AS value FROM wanting
    WHERE held_key <> '' AND held IS DISTINCT FROM first AND anchor NOT IN (SELECT anchor FROM open_person)
    UNION ALL
    SELECT anchor, value FROM choice
) AS final
WHERE final.anchor = desired.anchor;

-- later_choices --
-- Those who did not get their first candidate.
SELECT choice.anchor, choice.value, wanting.first
FROM choice JOIN wanting USING (anchor)
WHERE choice.value IS NOT NULL AND value_key(choice.value) <> wanting.first_key AND wanting.first_key <> ''
ORDER BY choice.anchor;

-- people_without_candidate --
-- How a reviewer knows those for whom nothing is free, with their first candidate.
SELECT choice.anchor, situation.name, CASE WHEN situation.situation IN ('CONFIRMED', 'FOUND') THEN situation.account_id ELSE '' END AS account_id,
    coalesce(wanting.first, '') AS first
FROM choice JOIN identity_situation AS situation USING (anchor) JOIN wanting USING (anchor)
WHERE choice.value IS NULL
ORDER BY choice.anchor;
