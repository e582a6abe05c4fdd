-- wanted --
-- What the accounts should be: wide rows of text with their hash, which a store would keep since the row was first seen.
CREATE TABLE wanted AS
SELECT *, hash(login, email, first, last, display, user_type, department, title, manager, manager_id, id, division, company, cost_center, country, second_email, nick) AS digest
FROM (
    SELECT n, 'u' || id || '@example.com' AS login, email, first_name AS first, last_name AS last, first_name || ' ' || last_name AS display,
        CASE WHEN employed THEN 'Employee' ELSE 'Contractor' END AS user_type, department, title, manager, manager_id, id, division, company, cost_center, country,
        CASE WHEN employed THEN 'home' || n || '@example.org' END AS second_email, CASE WHEN employed THEN 'n' || n END AS nick
    FROM person WHERE night = 2 AND NOT future AND status <> 'Terminated'
);

-- held --
-- What they are.
CREATE TABLE held AS
SELECT *, hash(login, email, first, last, display, user_type, department, title, manager, manager_id, id, division, company, cost_center, country, second_email, nick) AS digest
FROM (
    SELECT n, 'u' || id || '@example.com' AS login, email, first_name AS first, last_name AS last, first_name || ' ' || last_name AS display,
        CASE WHEN employed THEN 'Employee' ELSE 'Contractor' END AS user_type, department, title, manager, manager_id, CASE WHEN fate <> 19 THEN id END AS id,
        division, company, cost_center, country, CASE WHEN employed THEN 'home' || n || '@example.org' END AS second_email, CASE WHEN employed THEN 'n' || n END AS nick
    FROM person WHERE night = 1 AND NOT hired AND NOT future
);

-- wanted_member --
-- Who should hold what, by integers.
CREATE TABLE wanted_member AS
SELECT n, number FROM member_names JOIN groups USING (name) WHERE night = 2;

-- held_member --
-- Who holds what.
CREATE TABLE held_member AS
SELECT n, number FROM member_names JOIN groups USING (name) WHERE night = 1;
