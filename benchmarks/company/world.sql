-- person --
-- Everybody, as last night (night 1) and tonight (night 2). What happens to somebody is decided by their number alone.
CREATE OR REPLACE VIEW person AS
WITH numbered AS (SELECT night, n, (n * 7919 + n // 1000 * 31) % 1000 AS fate, n % 20 <> 0 AS employed FROM range($first, $people) AS t(n), (VALUES (1), (2)) AS v(night)),
told AS (
    SELECT *,
        fate BETWEEN 10 AND 11 AS hired, fate BETWEEN 12 AND 13 AS leaving, fate BETWEEN 20 AND 21 AS future, fate BETWEEN 22 AND 23 AS on_leave,
        fate BETWEEN 24 AND 29 AS long_gone, fate BETWEEN 12 AND 13 OR fate < 10 OR fate = 14 AS changed,
        CASE WHEN night = 2 AND fate < 10 THEN n + 1 ELSE n END AS place,
        CASE WHEN night = 2 AND fate = 14 THEN 'Renamed' ELSE 'Last' END || n AS last_name
    FROM numbered
)
SELECT
    night, n, fate, employed, hired, CASE WHEN night = 1 THEN NOT hired ELSE hired OR changed END AS begins, CASE WHEN night = 1 AND changed THEN 2 END AS until, leaving, future, on_leave, long_gone, last_name, printf('%08d', n) AS id,
    printf('00u%017d', n) AS account_id, 'First' || n % 5000 AS first_name,
    lower('First' || n % 5000 || '.' || last_name || '@example.com') AS email,
    'Engineer ' || place % 50 AS title, 'Department ' || place % 40 AS department, 'Division' || n % 7 AS division, 'Company' || n % 5 AS company,
    printf('%04d', n % 99) AS cost_center, 'City' || n % 25 AS city, ['DE', 'FR', 'US', 'GB', 'PL', 'IN', 'BR', 'JP'][n % 8 + 1] AS country,
    printf('%08d', n % 1000) AS manager_id, 'First' || n % 1000 || ' Last' || n % 1000 AS manager,
    CASE WHEN long_gone OR (leaving AND night = 2) THEN 'Terminated' WHEN on_leave THEN 'On Leave' ELSE 'Active' END AS status,
    CASE WHEN future THEN '2027-03-01' WHEN hired THEN '2026-11-20' ELSE printf('20%02d-%02d-01', 10 + n % 15, 1 + n % 12) END AS start_date,
    CASE WHEN long_gone THEN '2025-12-31' WHEN leaving AND night = 2 THEN '2026-11-20' END AS end_date
FROM told;

-- worker_rows --
-- The first HR file: everybody who is employed.
CREATE OR REPLACE VIEW worker_rows AS
SELECT id, night, until, to_json({
    Employee_ID: id, Worker_Type: 'Employee', Legal_First_Name: first_name, Legal_Last_Name: last_name,
    Preferred_First_Name: CASE WHEN n % 10 = 3 THEN first_name END, Nickname: 'n' || n, Work_Email: email, Private_Email: 'home' || n || '@example.org',
    Business_Title: title, Department: department, Division: division, Company: company, Cost_Center: cost_center, City: city, Country: country,
    Manager_ID: manager_id, Manager: manager, Worker_Status: status, Hire_Date: start_date, Termination_Date: end_date
})::VARCHAR AS attributes
FROM person WHERE employed AND begins;

-- contractor_rows --
-- The second: the others, and some who became employees.
CREATE OR REPLACE VIEW contractor_rows AS
SELECT id, night, until, to_json({
    'Contractor No': id, 'First name': first_name, 'Family name': last_name, 'Mail': email, 'Role': title, 'Department': department,
    'Division': division, 'Agency': company, 'Cost centre': cost_center, 'City': city, 'Sponsor': manager_id, 'Sponsor name': manager,
    'From': start_date, 'Until': end_date, 'Country': country
})::VARCHAR AS attributes
FROM person WHERE (NOT employed OR n % 100 = 1) AND begins;

-- account_rows --
-- The accounts as last night left them; a few carry only one of the keys by which they can be found.
CREATE OR REPLACE VIEW account_rows AS
SELECT account_id AS id, CASE WHEN long_gone THEN 'deactivated' ELSE 'active' END AS state, CASE WHEN long_gone THEN 'DEPROVISIONED' ELSE 'ACTIVE' END AS status,
    to_json({
        firstName: first_name, lastName: last_name, mobilePhone: NULL, secondEmail: CASE WHEN employed THEN 'home' || n || '@example.org' END,
        login: 'u' || id || '@example.com', email: email, title: title, displayName: first_name || ' ' || last_name, department: department,
        division: division, costCenter: cost_center, employeeNumber: CASE WHEN fate <> 19 THEN id END, organization: company,
        userType: CASE WHEN employed THEN 'Employee' ELSE 'Contractor' END, managerId: manager_id, manager: manager, countryCode: country,
        nickName: CASE WHEN employed THEN 'n' || n END
    })::VARCHAR AS attributes
FROM person WHERE night = 1 AND NOT hired AND NOT future
UNION ALL
SELECT printf('00u9%016d', n), 'active', 'ACTIVE', to_json({
    firstName: 'Service', lastName: 'Account ' || n, login: 'service' || n || '@example.com', email: 'service' || n || '@example.com'
})::VARCHAR
FROM range($first // 200, $people // 200) AS t(n);

-- member_names --
-- The ten groups of everybody with a working account: as last night left them, and as they should be tonight. Of a few somebody has taken one.
CREATE OR REPLACE VIEW member_names AS
SELECT night, n, account_id, unnest([
    'all-people', CASE WHEN employed THEN 'all-employees' ELSE 'all-contractors' END, 'dept-' || replace(lower(department), ' ', '-'),
    'div-' || lower(division), 'company-' || lower(company), 'cc-' || cost_center, 'country-' || lower(country),
    'title-' || replace(lower(title), ' ', '-'), 'team-' || manager_id, CASE WHEN night = 2 OR fate NOT BETWEEN 15 AND 17 THEN 'city-' || lower(city) END
]) AS name
FROM person WHERE NOT future AND (CASE WHEN night = 1 THEN NOT hired AND NOT long_gone ELSE status <> 'Terminated' END);

-- groups --
-- The groups by name. The first people have all of them.
CREATE TABLE IF NOT EXISTS groups AS
SELECT name, number, printf('00g%017d', number) AS id
FROM (SELECT name, row_number() OVER (ORDER BY name) AS number FROM (SELECT DISTINCT name FROM member_names WHERE name IS NOT NULL));
