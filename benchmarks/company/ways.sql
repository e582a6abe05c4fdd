-- match --
-- Which account is whose, by three keys in order, with whether their hashes differ.
CREATE OR REPLACE TABLE pair AS
WITH first AS (
    SELECT w.rowid AS w, h.rowid AS h, w.digest <> h.digest AS differs FROM wanted AS w FULL JOIN held AS h ON w.id = h.id
),
wanted_left AS (SELECT wanted.rowid AS w, login, email, digest FROM wanted WHERE rowid IN (SELECT w FROM first WHERE h IS NULL)),
held_left AS (SELECT held.rowid AS h, login, email, digest FROM held WHERE rowid IN (SELECT h FROM first WHERE w IS NULL)),
by_login AS (SELECT w, h, w.digest <> h.digest AS differs FROM wanted_left AS w JOIN held_left AS h USING (login)),
by_email AS (
    SELECT w, h, w.digest <> h.digest AS differs FROM wanted_left AS w JOIN held_left AS h USING (email)
    WHERE w NOT IN (SELECT w FROM by_login) AND h NOT IN (SELECT h FROM by_login)
)
SELECT * FROM first WHERE w IS NOT NULL AND h IS NOT NULL UNION ALL FROM by_login UNION ALL FROM by_email;

-- pairs_that_differ --
-- How many of them differ in a column.
SELECT count(*) FROM pair JOIN wanted AS w ON w.rowid = pair.w JOIN held AS h ON h.rowid = pair.h
WHERE differs AND (
    w.login IS DISTINCT FROM h.login OR w.email IS DISTINCT FROM h.email OR w.first IS DISTINCT FROM h.first OR w.last IS DISTINCT FROM h.last
    OR w.display IS DISTINCT FROM h.display OR w.user_type IS DISTINCT FROM h.user_type OR w.department IS DISTINCT FROM h.department OR w.title IS DISTINCT FROM h.title
    OR w.manager IS DISTINCT FROM h.manager OR w.manager_id IS DISTINCT FROM h.manager_id OR w.id IS DISTINCT FROM h.id OR w.division IS DISTINCT FROM h.division
    OR w.company IS DISTINCT FROM h.company OR w.cost_center IS DISTINCT FROM h.cost_center OR w.country IS DISTINCT FROM h.country OR w.second_email IS DISTINCT FROM h.second_email
    OR w.nick IS DISTINCT FROM h.nick
);

-- members --
-- How many memberships are to be added, and to be removed.
SELECT count(*) FILTER (WHERE held IS NULL), count(*) FILTER (WHERE wanted IS NULL)
FROM (SELECT n * 65536 + number AS wanted FROM wanted_member) FULL JOIN (SELECT n * 65536 + number AS held FROM held_member) ON wanted = held;

-- by_hash --
-- The comparison alone, of those whose hashes differ.
WITH changed AS (SELECT w.rowid AS w, h.rowid AS h FROM wanted AS w JOIN held AS h ON w.id = h.id WHERE w.digest <> h.digest)
SELECT count(*) FROM changed JOIN wanted AS w ON w.rowid = changed.w JOIN held AS h ON h.rowid = changed.h
WHERE w.login IS DISTINCT FROM h.login OR w.email IS DISTINCT FROM h.email OR w.first IS DISTINCT FROM h.first OR w.last IS DISTINCT FROM h.last
    OR w.display IS DISTINCT FROM h.display OR w.user_type IS DISTINCT FROM h.user_type OR w.department IS DISTINCT FROM h.department OR w.title IS DISTINCT FROM h.title
    OR w.manager IS DISTINCT FROM h.manager OR w.manager_id IS DISTINCT FROM h.manager_id OR w.id IS DISTINCT FROM h.id OR w.division IS DISTINCT FROM h.division
    OR w.company IS DISTINCT FROM h.company OR w.cost_center IS DISTINCT FROM h.cost_center OR w.country IS DISTINCT FROM h.country OR w.second_email IS DISTINCT FROM h.second_email
    OR w.nick IS DISTINCT FROM h.nick;

-- by_column --
-- The comparison alone, column by column.
SELECT count(*) FROM wanted AS w JOIN held AS h ON w.id = h.id
WHERE w.login IS DISTINCT FROM h.login OR w.email IS DISTINCT FROM h.email OR w.first IS DISTINCT FROM h.first OR w.last IS DISTINCT FROM h.last
    OR w.display IS DISTINCT FROM h.display OR w.user_type IS DISTINCT FROM h.user_type OR w.department IS DISTINCT FROM h.department OR w.title IS DISTINCT FROM h.title
    OR w.manager IS DISTINCT FROM h.manager OR w.manager_id IS DISTINCT FROM h.manager_id OR w.id IS DISTINCT FROM h.id OR w.division IS DISTINCT FROM h.division
    OR w.company IS DISTINCT FROM h.company OR w.cost_center IS DISTINCT FROM h.cost_center OR w.country IS DISTINCT FROM h.country OR w.second_email IS DISTINCT FROM h.second_email
    OR w.nick IS DISTINCT FROM h.nick;
