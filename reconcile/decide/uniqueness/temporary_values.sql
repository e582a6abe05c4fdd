-- make_waiting_people --
-- The people who wait for one another's values, as identities.
--   anchor  VARCHAR  key
--   ...
CREATE TABLE waiting_person AS
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
