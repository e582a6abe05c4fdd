-- create_lesson --
-- What each target refused, and in which form it keeps what was written, by fingerprints of the values. The attribute is empty for a whole operation.
CREATE TABLE IF NOT EXISTS store.lesson (
    target VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    entitlement VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    wanted VARCHAR NOT NULL,
    shown VARCHAR NOT NULL,
    sentence VARCHAR NOT NULL,
    rules VARCHAR NOT NULL,
    since VARCHAR NOT NULL,
    PRIMARY KEY (target, verb, subject, entitlement, attribute)
);

-- put_lessons --
-- Remembers what runs were taught since, the newest of each.
INSERT OR REPLACE INTO store.lesson (target, verb, subject, entitlement, attribute, kind, wanted, shown, sentence, rules, since)
WITH taught AS (
    SELECT
        target, since, sequence, because ->> '$.verb' AS verb, because ->> '$.subject' AS subject, because ->> '$.entitlement' AS entitlement,
        because ->> '$.kind' AS kind, because ->> '$.sentence' AS sentence, because ->> '$.rules' AS rules,
        unnest(map_entries(from_json(because -> '$.values', '"MAP(VARCHAR, VARCHAR[])"'))) AS value
    FROM fact WHERE kind = 'taught'
)
SELECT target, verb, subject, entitlement, value.key, kind, value.value[1], value.value[2], sentence, rules, since
FROM taught
QUALIFY row_number() OVER (PARTITION BY target, verb, subject, entitlement, value.key ORDER BY sequence DESC) = 1;

-- lessons --
-- What one target taught.
SELECT verb, subject, entitlement, attribute, kind, wanted, shown, sentence, rules, since
FROM store.lesson WHERE target = $target
ORDER BY verb, subject, entitlement, attribute;

-- forget_lessons --
-- Forgets what a system taught that another one took the place of.
DELETE FROM store.lesson WHERE target = $system;
