-- make_elsewhere_members --
-- Who is in one of some groups of other systems (`member`), with the operation that this rests on; the others are those of whom it cannot be said.
--   anchor  VARCHAR  key
--   member  BOOLEAN
--   needs   VARCHAR
CREATE TABLE elsewhere_member AS
WITH asked AS (SELECT unnest($targets::VARCHAR[]) AS target, unnest($names::VARCHAR[]) AS name),
held AS (
    SELECT anchor, CASE WHEN bool_or(needs = '') THEN '' ELSE min(needs) END AS needs
    FROM projected_member JOIN asked USING (target, name)
    WHERE (target, anchor) NOT IN (SELECT (target, anchor) FROM undecided_person)
    GROUP BY anchor
),
unclear AS (SELECT DISTINCT anchor FROM undecided_person WHERE target IN (SELECT target FROM asked))
SELECT anchor, held.anchor IS NOT NULL AS member, coalesce(held.needs, '') AS needs
FROM held FULL JOIN unclear USING (anchor);
