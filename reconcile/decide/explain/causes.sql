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
-- For each verb, and each of the first attributes by its position: the value that most people have, and how many do.
SELECT verb, position, value, people FROM (
    SELECT subject.verb, place.position, trait.values[place.position] AS value, count(*) AS people
    FROM cause_subject AS subject
    JOIN trait ON trait.anchor = subject.anchor
    CROSS JOIN (SELECT unnest(range(1, $most + 1)) AS position) AS place
    WHERE trait.values[place.position] <> ''
    GROUP BY subject.verb, place.position, value
)
QUALIFY row_number() OVER (PARTITION BY verb, position ORDER BY people DESC, value) = 1
ORDER BY verb, position;

-- working_subjects --
-- For each verb, how many people are in a lifecycle state, which stands at a position.
SELECT subject.verb, count(*) AS people FROM cause_subject AS subject JOIN trait ON trait.anchor = subject.anchor
WHERE trait.values[$position] = $state GROUP BY subject.verb ORDER BY subject.verb;
