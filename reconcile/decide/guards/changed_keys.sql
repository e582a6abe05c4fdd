-- make_login_core --
-- What is left of a login without case and without a number at the end of its name.
CREATE OR REPLACE MACRO login_core(login) AS regexp_replace(lower(trim(login)), '[0-9]+(@|$)', '\1');

-- gone_people --
-- How many linked people are gone from the sources and have an account that can be used.
WITH gone AS MATERIALIZED (
    -- Materialized, so that only the few who are gone are joined with the accounts, not everybody.
    SELECT account_id FROM store.link AS link
    WHERE link.target = $target
        AND NOT EXISTS (SELECT 1 FROM identity WHERE identity.anchor = link.anchor)
        AND NOT EXISTS (SELECT 1 FROM alias WHERE alias.anchor = link.anchor)
)
SELECT count(*) FROM gone JOIN account USING (account_id) WHERE account.state <> 'deactivated';

-- changed_keys --
-- The people for whom an account is created although a linked person who is gone from the sources has their key in another spelling, or their login but for a number, and an account that can be used.
WITH gone_link AS MATERIALIZED (
    SELECT link.anchor, link.account_id FROM store.link AS link
    WHERE link.target = $target
        AND NOT EXISTS (SELECT 1 FROM identity WHERE identity.anchor = link.anchor)
        AND NOT EXISTS (SELECT 1 FROM alias WHERE alias.anchor = link.anchor)
),
gone AS (
    SELECT gone_link.anchor, account.login FROM gone_link JOIN account USING (account_id) WHERE account.state <> 'deactivated'
),
created AS (SELECT unnest($anchors::VARCHAR[]) AS anchor, unnest($logins::VARCHAR[]) AS login),
-- As many new people can be known ones as known ones are gone: logins that differ in a number alone can be those of many.
created_core AS (
    SELECT *, row_number() OVER (PARTITION BY by_key, core ORDER BY anchor) AS position
    FROM (
        SELECT anchor, true AS by_key, key_core(anchor) AS core FROM created
        UNION ALL
        SELECT anchor, false AS by_key, login_core(login) AS core FROM created WHERE trim(login) <> ''
    )
),
gone_core AS (
    SELECT *, row_number() OVER (PARTITION BY by_key, core ORDER BY anchor) AS position
    FROM (
        SELECT anchor, true AS by_key, key_core(anchor) AS core FROM gone
        UNION ALL
        SELECT anchor, false AS by_key, login_core(login) AS core FROM gone
    )
),
pair AS (
    SELECT created_core.anchor, gone_core.anchor AS before FROM created_core JOIN gone_core USING (by_key, core, position)
)
SELECT anchor, min(before) AS before FROM pair GROUP BY anchor ORDER BY anchor;
