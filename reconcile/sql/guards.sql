-- snapshot_number --
-- The number of the latest snapshot of a target with a digest; no row where there is none.
SELECT max(number) FROM store.snapshot WHERE system = $target AND digest = $digest HAVING max(number) IS NOT NULL;

-- accounts_at --
-- How many accounts could be used, or could have been once activated, in one snapshot.
SELECT count(*) FROM store.record_version
WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number) AND state <> 'deactivated';

-- group_sizes --
-- How many accounts hold each of some entitlements in one snapshot. Only what can be held through something else can be held twice.
WITH member AS (
    SELECT entitlement_id, account_id, via FROM store.membership_version
    WHERE system = $target AND valid_from <= $number AND (valid_to IS NULL OR valid_to > $number)
        AND entitlement_id IN (SELECT unnest($ids::VARCHAR[]))
),
inherited AS (SELECT DISTINCT entitlement_id FROM member WHERE via <> '')
SELECT entitlement_id, count(*) AS accounts FROM member
WHERE entitlement_id NOT IN (SELECT entitlement_id FROM inherited) GROUP BY entitlement_id
UNION ALL
SELECT entitlement_id, count(DISTINCT account_id) AS accounts FROM member
WHERE entitlement_id IN (SELECT entitlement_id FROM inherited) GROUP BY entitlement_id
ORDER BY entitlement_id;

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
CREATE OR REPLACE TABLE held_app AS
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
CREATE OR REPLACE TABLE working_person AS
SELECT identity.* FROM identity
JOIN identity_situation AS situation USING (anchor)
JOIN account USING (account_id)
WHERE (situation.situation IN ('CONFIRMED', 'FOUND', 'UNQUALIFIED') AND account.state <> 'deactivated' AND NOT list_contains($made::VARCHAR[], anchor))
    OR list_contains($ended::VARCHAR[], anchor);

-- make_people_of_target --
-- The people who have an account there that can be used, or should have one, with all that is known of them.
CREATE OR REPLACE VIEW person_of_target AS
SELECT identity.* FROM identity
JOIN identity_situation AS situation USING (anchor)
WHERE situation.expected IN ('due', 'held') OR anchor IN (
    SELECT leaver.anchor FROM identity_situation AS leaver JOIN account USING (account_id)
    WHERE leaver.situation = 'UNQUALIFIED' AND account.state <> 'deactivated'
);

-- make_concerned_people --
-- Some people, with all that is known of them.
CREATE OR REPLACE TABLE concerned_person AS
SELECT * FROM identity WHERE anchor IN (SELECT unnest($anchors::VARCHAR[]));

-- traits --
-- What is known of them, in the order of their anchors.
SELECT anchor, vals FROM trait ORDER BY anchor;

-- drop_traits --
-- Makes room for the next question.
DROP TABLE IF EXISTS trait;

-- past_nights --
-- How many operations of each verb were applied in one target on the last nights before a date on which anything was applied at all.
WITH last_night AS (SELECT DISTINCT run_date FROM store.night WHERE run_date < $run_date ORDER BY run_date DESC LIMIT $nights)
SELECT last_night.run_date, coalesce(night.verb, '') AS verb, coalesce(sum(night.operations), 0)::BIGINT AS operations
FROM last_night LEFT JOIN store.night AS night ON night.run_date = last_night.run_date AND night.target = $target
GROUP BY last_night.run_date, night.verb ORDER BY last_night.run_date, verb;

-- drop_ended_rows --
-- Makes room for the next source.
DROP TABLE IF EXISTS ended_row;

-- drop_ended_mapped --
-- Makes room for the next source.
DROP TABLE IF EXISTS ended_mapped;

-- drop_was --
-- Makes room for the next source.
DROP TABLE IF EXISTS was;

-- drop_is_now --
-- Makes room for the next source.
DROP TABLE IF EXISTS is_now;

-- ended_rows --
-- The rows of one source that its latest read changed or ended, as they were before it.
SELECT
    id AS _record_id, CAST($run_date AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM store.record_version
WHERE system = $system AND valid_to = (SELECT max(number) FROM store.snapshot WHERE system = $system);

-- make_now_of_ended --
-- The same rows as they are now; those that are gone are not among them.
CREATE OR REPLACE TABLE now_of_ended AS
SELECT mapped.* FROM mapped WHERE mapped._rank = $rank AND mapped._record_id IN (SELECT _record_id FROM ended_mapped);

-- ended_and_now --
-- What was stated of somebody, and what is.
SELECT was.vals, is_now.vals FROM was JOIN is_now USING (_record_id)
WHERE was.vals[1] = is_now.vals[1] AND was.vals IS DISTINCT FROM is_now.vals
ORDER BY is_now.vals, was.vals;

-- role_sizes --
-- The same for roles, which are attributes of accounts.
SELECT entitlement_id, count(*) AS accounts FROM role_held
WHERE entitlement_id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY entitlement_id ORDER BY entitlement_id;

-- make_login_core --
-- What is left of a login without case and without a number at the end of its name.
CREATE OR REPLACE MACRO login_core(login) AS regexp_replace(lower(trim(login)), '[0-9]+(@|$)', '\1');

-- changed_keys --
-- The people for whom an account is created although a linked person who is gone from the sources has their key in another spelling, or their login but for a number, and an account that can be used.
WITH gone AS (
    SELECT link.anchor, account.login
    FROM store.link AS link JOIN account ON account.account_id = link.account_id
    WHERE link.target = $target AND account.state <> 'deactivated'
        AND NOT EXISTS (SELECT 1 FROM identity WHERE identity.anchor = link.anchor)
        AND NOT EXISTS (SELECT 1 FROM alias WHERE alias.anchor = link.anchor)
),
created AS (SELECT unnest($anchors::VARCHAR[]) AS anchor, unnest($logins::VARCHAR[]) AS login),
-- As many new people can be known ones as known ones are gone: logins that differ in a number alone can be those of many.
created_core AS (
    SELECT *, row_number() OVER (PARTITION BY by_key, core ORDER BY anchor) AS place
    FROM (
        SELECT anchor, true AS by_key, key_core(anchor) AS core FROM created
        UNION ALL
        SELECT anchor, false AS by_key, login_core(login) AS core FROM created WHERE trim(login) <> ''
    )
),
gone_core AS (
    SELECT *, row_number() OVER (PARTITION BY by_key, core ORDER BY anchor) AS place
    FROM (
        SELECT anchor, true AS by_key, key_core(anchor) AS core FROM gone
        UNION ALL
        SELECT anchor, false AS by_key, login_core(login) AS core FROM gone
    )
),
pair AS (
    SELECT created_core.anchor, gone_core.anchor AS before FROM created_core JOIN gone_core USING (by_key, core, place)
)
SELECT anchor, min(before) AS before FROM pair GROUP BY anchor ORDER BY anchor;
