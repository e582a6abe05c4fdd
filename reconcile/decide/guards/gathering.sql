-- snapshot_number --
-- The number of the latest snapshot of a target with a digest; no row where there is none.
SELECT max(number) FROM store.snapshot WHERE system = $target AND digest = $digest HAVING max(number) IS NOT NULL;

-- accounts_at --
-- How many accounts could be used, or could have been once activated, in one snapshot.
SELECT count(*) FROM store.record_version
WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number) AND state <> 'deactivated';

-- group_sizes --
-- How many accounts hold each of some entitlements in one snapshot. Only what can be held through something else can be held twice.
WITH counted AS MATERIALIZED (
    SELECT entitlement_id, count(*) AS accounts, count_if(via <> '') > 0 AS inherited
    FROM store.membership_version
    WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
    GROUP BY entitlement_id
)
SELECT entitlement_id, accounts FROM counted WHERE NOT inherited AND entitlement_id IN (SELECT unnest($ids::VARCHAR[]))
UNION ALL
SELECT entitlement_id, count(DISTINCT account_id) AS accounts
FROM store.membership_version
WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
    AND entitlement_id IN (SELECT unnest($ids::VARCHAR[])) AND entitlement_id IN (SELECT entitlement_id FROM counted WHERE inherited)
GROUP BY entitlement_id
ORDER BY entitlement_id;

-- group_sizes_since --
-- How many accounts hold each of some entitlements in one snapshot or in the latest.
SELECT entitlement_id, count(DISTINCT account_id) AS accounts
FROM store.membership_version
WHERE system = $target AND entitlement_id IN (SELECT unnest($ids::VARCHAR[]))
    AND (valid_to IS NULL OR (valid_from <= $number AND valid_to > $number))
GROUP BY entitlement_id ORDER BY entitlement_id;

-- working_members --
-- The accounts that can be used among those that hold some groups.
SELECT DISTINCT member.account_id
FROM store.entitlement_version AS known
JOIN store.membership_version AS member
    ON member.system = known.system AND member.entitlement_id = known.id AND member.valid_to IS NULL
JOIN account ON account.account_id = member.account_id
WHERE known.system = $target AND known.valid_to IS NULL AND known.id IN (SELECT unnest($ids::VARCHAR[])) AND account.state IN ('active', 'unknown')
ORDER BY member.account_id;

-- groups_named --
-- The ids of the entitlements of one name, or the one that is named by its id.
SELECT id FROM store.entitlement_version WHERE system = $target AND valid_to IS NULL AND $name IN (name, 'id:' || id, 'kind:' || type || ':' || name)
ORDER BY id;

-- make_held_apps --
-- Which account held which app in one snapshot.
--   account_id  VARCHAR
--   app_id      VARCHAR
--   name        VARCHAR
--   attributes  VARCHAR
--   via         VARCHAR
CREATE TABLE held_app AS
SELECT member.account_id, app.id AS app_id, app.name, app.attributes, member.via
FROM store.membership_version AS member
JOIN store.entitlement_version AS app
    ON app.system = member.system AND app.id = member.entitlement_id AND app.valid_from <= $number AND (app.valid_to IS NULL OR app.valid_to > $number)
WHERE member.system = $target AND member.valid_from <= $number AND (member.valid_to IS NULL OR member.valid_to > $number) AND app.kind = 'app';

-- app_holders --
-- How many accounts that could be used held an app in that snapshot.
SELECT count(DISTINCT held_app.account_id)
FROM held_app
JOIN store.record_version AS record
    ON record.system = $target AND record.id = held_app.account_id
    AND record.valid_from <= $number AND (record.valid_to IS NULL OR record.valid_to > $number)
WHERE record.state <> 'deactivated';

-- app_holdings --
-- The apps that some accounts held, whether directly, and those of the account's groups that an app was assigned to.
WITH held AS (
    SELECT account_id, app_id, name, bool_or(via = '') AS direct,
        any_value(from_json(json_extract(attributes, '$.groups'), '["VARCHAR"]')) AS given_to
    FROM held_app WHERE account_id IN (SELECT unnest($ids::VARCHAR[]))
    GROUP BY account_id, app_id, name
),
given AS (SELECT account_id, app_id, unnest(given_to) AS group_id FROM held),
through AS (
    SELECT given.account_id, given.app_id, list(given.group_id ORDER BY given.group_id) AS groups
    FROM given
    JOIN store.membership_version AS member
        ON member.system = $target AND member.valid_from <= $number AND (member.valid_to IS NULL OR member.valid_to > $number)
        AND member.account_id = given.account_id AND member.entitlement_id = given.group_id
    GROUP BY given.account_id, given.app_id
)
SELECT held.account_id, held.app_id, held.name, held.direct, coalesce(through.groups, []) AS groups
FROM held LEFT JOIN through ON through.account_id = held.account_id AND through.app_id = held.app_id
ORDER BY held.account_id, held.app_id;

-- make_working_people --
-- The people who have an account that can be used, or had one before the other runs of the day, with all that is known of them.
--   anchor  VARCHAR  key
--   state   VARCHAR
--   ...
CREATE TABLE working_person AS
SELECT identity.* FROM identity
JOIN identity_situation AS situation USING (anchor)
JOIN account USING (account_id)
WHERE (situation.situation IN ('CONFIRMED', 'FOUND', 'UNQUALIFIED') AND account.state <> 'deactivated' AND NOT list_contains($made::VARCHAR[], anchor))
    OR list_contains($ended::VARCHAR[], anchor);

-- make_concerned_people --
-- Some people, with all that is known of them.
--   anchor  VARCHAR  key
--   state   VARCHAR
--   ...
CREATE TABLE concerned_person AS
SELECT * FROM identity WHERE anchor IN (SELECT unnest($anchors::VARCHAR[]));

-- traits --
-- What is known of them, in the order of their anchors.
SELECT anchor, values FROM trait ORDER BY anchor;

-- past_run_sizes --
-- How many operations of each verb were applied in one target on the last days with a run before a date; one row without a verb where there were none.
WITH last_day AS (SELECT DISTINCT run_date FROM store.night WHERE run_date < $run_date ORDER BY run_date DESC LIMIT $days)
SELECT last_day.run_date, coalesce(size.verb, '') AS verb, coalesce(sum(size.operations), 0)::BIGINT AS operations
FROM last_day LEFT JOIN store.night AS size ON size.run_date = last_day.run_date AND size.target = $target
GROUP BY last_day.run_date, size.verb ORDER BY last_day.run_date, verb;

-- role_sizes --
-- The same for roles, which are attributes of accounts.
SELECT entitlement_id, count(*) AS accounts FROM role_held
WHERE entitlement_id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY entitlement_id ORDER BY entitlement_id;
