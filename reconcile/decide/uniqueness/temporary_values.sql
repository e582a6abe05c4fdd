-- make_waiting_people --
-- The people who wait for one another's values, as identities.
--   anchor  VARCHAR  key
--   ...
CREATE TABLE waiting_person AS
SELECT * FROM identity WHERE anchor IN (SELECT unnest($anchors::VARCHAR[]));

-- temporary_values --
-- The temporary values for one attribute, and whether each is held by an account, should be somebody's, or would be given to two.
WITH offered AS (SELECT anchor, trim(plain(values[$rule_position])) AS value, comparable(values[$rule_position]) AS key FROM temporary)
SELECT
    offered.anchor, coalesce(offered.value, '') AS value,
    count(*) OVER (PARTITION BY offered.key) > 1
        OR offered.key IN (SELECT comparable(values[$position]) FROM account WHERE values[$position] IS NOT NULL)
        OR offered.key IN (SELECT comparable(values[$position]) FROM desired WHERE values[$position] IS NOT NULL) AS taken
FROM offered ORDER BY offered.anchor;
