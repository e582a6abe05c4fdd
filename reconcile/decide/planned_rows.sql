-- bulk_places --
-- The operations of some ids among the bulk additions, with the operation that makes the account of each usable.
SELECT id, coalesce(maker, '') AS maker FROM (
    SELECT left(sha256($target || chr(31) || 'add_member' || chr(31) || person.anchor || chr(31) || item.given_id), 12) AS id, person.maker
    FROM bulk_operation JOIN bulk_person AS person USING (person) JOIN bulk_entitlement AS item USING (item)
)
WHERE id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY id;

-- make_bulk_order --
-- The bulk additions of the target in the order of the plan, where nothing else stands among them. People and entitlements are numbered in that
-- order already, so numbers are sorted; entitlements of one name stand in the order of the operations' ids.
--   position   BIGINT   key
--   person     INTEGER
--   item       INTEGER
--   reason     INTEGER
--   separate   INTEGER
--   phase      INTEGER
--   depth      INTEGER
CREATE TABLE bulk_order AS
WITH named AS (
    SELECT item, given_id, ambiguous, dense_rank() OVER (ORDER BY entitlement) AS name FROM bulk_entitlement
)
SELECT row_number() OVER () - 1 AS position, person, item, reason, NULL::INTEGER AS separate, phase, depth
FROM (
    SELECT operation.person, operation.item, operation.reason, coalesce(place.phase::INTEGER, $phase) AS phase,
        coalesce(place.depth::INTEGER, 0) AS depth, named.name,
        CASE WHEN named.ambiguous
            THEN left(sha256($target || chr(31) || 'add_member' || chr(31) || person.anchor || chr(31) || named.given_id), 12)
            ELSE '' END AS id
    FROM bulk_operation AS operation
    JOIN bulk_person AS person USING (person)
    JOIN named USING (item)
    LEFT JOIN late_maker AS place ON place.operation = person.maker
    -- Rows are numbered as they come: that takes half of the time of a window that sorts them.
    ORDER BY phase, depth, person, name, id
);

-- make_mixed_order --
-- The same where other operations stand among the bulk additions: a bulk addition by its numbers, any other by its own.
--   position   BIGINT   key
--   person     INTEGER
--   item       INTEGER
--   reason     INTEGER
--   separate   INTEGER
--   phase      INTEGER
--   depth      INTEGER
CREATE TABLE bulk_order AS
SELECT row_number() OVER () - 1 AS position, person, item, reason, separate, phase, depth
FROM (
    SELECT operation.person, operation.item, operation.reason, NULL::INTEGER AS separate, coalesce(place.phase::INTEGER, $phase) AS phase,
        coalesce(place.depth::INTEGER, 0) AS depth, person.anchor, person.account_id, item.entitlement,
        left(sha256($target || chr(31) || 'add_member' || chr(31) || person.anchor || chr(31) || item.given_id), 12) AS id
    FROM bulk_operation AS operation
    JOIN bulk_person AS person USING (person)
    JOIN bulk_entitlement AS item USING (item)
    LEFT JOIN late_maker AS place ON place.operation = person.maker
    UNION ALL
    SELECT NULL, NULL, NULL, number::INTEGER, phase::INTEGER, depth::INTEGER, anchor, account_id, entitlement, id FROM separate_place
    ORDER BY phase, depth, anchor, account_id, entitlement, id
);

-- bulk_segments --
-- The places of the order, each with the positions from the first to before the last.
SELECT phase, depth, min(position) AS first, max(position) + 1 AS last FROM bulk_order GROUP BY phase, depth ORDER BY phase, depth;

-- bulk_page --
-- The bulk additions of some positions by their numbers, with their ids, in any order: the reader sorts by position. The people are limited to those of
-- the positions before they are joined: a page of rows costs what it holds, not what the plan does.
WITH page AS MATERIALIZED (
    SELECT position, person, item, reason FROM bulk_order WHERE position >= $from AND position < $to AND person IS NOT NULL
),
span AS MATERIALIZED (SELECT min(person) AS first, max(person) AS last FROM page)
SELECT page.position, page.person, page.item, page.reason,
    left(sha256($target || chr(31) || 'add_member' || chr(31) || person.anchor || chr(31) || item.given_id), 12) AS id
FROM page
JOIN (FROM bulk_person WHERE person BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)) AS person USING (person)
JOIN bulk_entitlement AS item USING (item);

-- people_of_page --
-- What operations state of people, of those from one number to another, with the operations that make the account of each usable.
SELECT person.person, person.anchor, person.account_id, person.who, person.name, identity.account, identity.deactivated,
    list_filter([person.maker], lambda maker: maker <> '') AS makers
FROM bulk_person AS person JOIN bulk_identity AS identity USING (person)
WHERE person.person BETWEEN $first AND $last;

-- items_of_pages --
-- What operations state of entitlements, with the operations that create each.
SELECT item, entitlement_id, entitlement, kind AS entitlement_kind, list_filter([maker], lambda maker: maker <> '') AS group_makers
FROM bulk_entitlement;

-- reasons_of_pages --
-- What operations state of reasons.
SELECT reason.reason, reason.situation, text.rule, text.detail
FROM bulk_reason AS reason JOIN reason_text AS text ON text.reason::INTEGER = reason.reason;

-- separate_rows --
-- The other operations of some positions, by their numbers.
SELECT position, separate FROM bulk_order
WHERE separate IS NOT NULL AND position >= $from AND position < $to ORDER BY position;
