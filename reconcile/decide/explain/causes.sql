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
