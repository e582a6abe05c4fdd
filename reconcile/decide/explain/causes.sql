-- make_people_of_target --
-- The people who have an account there that can be used, or should have one, with all that is known of them.
--   anchor  VARCHAR  key
--   state   VARCHAR
--   ...
CREATE VIEW person_of_target AS
SELECT identity.* FROM identity
JOIN identity_situation AS situation USING (anchor)
WHERE situation.expected IN ('active', 'on_hold') OR anchor IN (
    SELECT leaver.anchor FROM identity_situation AS leaver JOIN account USING (account_id)
    WHERE leaver.situation = 'UNQUALIFIED' AND account.state <> 'deactivated'
);

-- make_people_of_causes --
-- The people whom operations concern, with all that is known of them.
--   anchor  VARCHAR  key
--   state   VARCHAR
--   ...
CREATE TABLE person_of_causes AS
SELECT * FROM identity WHERE anchor IN (SELECT anchor FROM cause_subject);

-- commonest_traits --
-- For each verb, and each of the first attributes by its position: the value that more than half of the people have, and how many do.
WITH stated AS NOT MATERIALIZED (
    SELECT subject.verb, unnest(range(1, $most + 1)) AS position, unnest(trait.values[:$most]) AS value
    FROM cause_subject AS subject JOIN trait ON trait.anchor = subject.anchor
),
half AS (SELECT verb, count(*) / 2 AS people FROM cause_subject GROUP BY verb),
-- A value of more than half of the people makes its part hold more than half: only such parts are counted value by value, not columns of unique values.
part AS MATERIALIZED (
    SELECT verb, position, part FROM (
        SELECT verb, position, hash(value) % 64 AS part, count(*) AS part_people FROM stated WHERE value <> '' GROUP BY verb, position, part
    ) JOIN half USING (verb) WHERE part_people > half.people
)
SELECT stated.verb, stated.position, stated.value, count(*) AS people
FROM stated JOIN part ON part.verb = stated.verb AND part.position = stated.position AND part.part = hash(stated.value) % 64
JOIN half ON half.verb = stated.verb
WHERE stated.value <> ''
GROUP BY stated.verb, stated.position, stated.value
HAVING count(*) > any_value(half.people)
ORDER BY stated.verb, stated.position;

-- working_subjects --
-- For each verb, how many people are in a lifecycle state, which stands at a position.
SELECT subject.verb, count(*) AS people FROM cause_subject AS subject JOIN trait ON trait.anchor = subject.anchor
WHERE trait.values[$position] = $state GROUP BY subject.verb ORDER BY subject.verb;
