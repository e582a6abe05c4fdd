-- wanted_accounts --
-- What the account of each person without one should be.
SELECT situation.anchor, situation.name, situation.state,
    CASE WHEN identity._life IS NOT NULL THEN {
        'status': identity._life.status, 'started': identity._life.started::VARCHAR, 'ended': identity._life.ended::VARCHAR
    } END AS life,
    situation.situation, desired.values
FROM identity_situation AS situation JOIN desired USING (anchor) JOIN identity USING (anchor)
WHERE situation.expected = 'active' AND situation.situation IN ('ABSENT', 'MISSING')
ORDER BY situation.anchor;

-- make_attribute_rules --
-- How each mapped attribute is compared.
--   position     BIGINT   key
--   name         VARCHAR
--   immutable    BOOLEAN
--   create_only  BOOLEAN
--   clear        BOOLEAN
--   ignore_case  BOOLEAN
--   required     BOOLEAN
--   needed       BOOLEAN
--   telephone    BOOLEAN
CREATE TABLE attribute_rule AS
SELECT unnest($rules::STRUCT(
    position BIGINT, name VARCHAR, immutable BOOLEAN, create_only BOOLEAN, clear BOOLEAN, ignore_case BOOLEAN, required BOOLEAN, needed BOOLEAN,
    telephone BOOLEAN
)[], max_depth := 2);

-- make_differing_accounts --
-- The existing accounts that are not in everything as they should be, by the hashes of all their values: no list goes through a join of everybody. Two lists with one 64-bit hash are not expected in the life of an installation.
--   anchor      VARCHAR  key
--   account_id  VARCHAR
CREATE TABLE differing_account AS
SELECT situation.anchor, situation.account_id
FROM identity_situation AS situation
JOIN desired USING (anchor)
JOIN account USING (account_id)
WHERE situation.expected IN ('active', 'suspended') AND situation.situation IN ('CONFIRMED', 'FOUND') AND desired.value_hash <> account.value_hash;

-- differences --
-- Where an existing account differs from what it should be, one row an attribute.
WITH compared AS (
    SELECT differing_account.anchor, differing_account.account_id, desired.values AS wanted, account.values AS held
    FROM differing_account
    JOIN desired USING (anchor)
    JOIN account USING (account_id)
),
by_attribute AS (
    SELECT anchor, account_id, generate_subscripts(wanted, 1) AS position, unnest(wanted) AS wanted, unnest(held) AS held
    FROM compared
)
SELECT anchor, account_id, rule.name, rule.position, wanted, held, rule.immutable
FROM by_attribute JOIN attribute_rule AS rule USING (position)
WHERE NOT rule.create_only
    AND wanted IS NOT NULL
    AND NOT (rule.required AND blank(wanted))
    AND (wanted <> '' OR (rule.clear AND coalesce(held, '') <> ''))
    AND wanted IS DISTINCT FROM held
    AND NOT (rule.ignore_case AND one_case(nfc_normalize(wanted)) IS NOT DISTINCT FROM one_case(nfc_normalize(held)))
    -- A number and its URI (RFC 3966) are one value; two spellings of a number without a URI are two.
    AND NOT (
        rule.telephone AND held IS NOT NULL AND starts_with(lower(wanted), 'tel:') <> starts_with(lower(held), 'tel:')
        AND translate(regexp_replace(wanted, '^tel:', '', 'i'), ' -.()', '') = translate(regexp_replace(held, '^tel:', '', 'i'), ' -.()', '')
    )
ORDER BY anchor, position;

-- missing_required --
-- People with an account, or due for one, of whom a required attribute has no value. What the target needs itself is asked of new accounts.
SELECT situation.anchor, situation.name,
    CASE WHEN situation.situation IN ('CONFIRMED', 'FOUND') THEN situation.account_id ELSE '' END AS account_id,
    list(rule.name ORDER BY rule.position) AS attributes
FROM desired AS wanted
CROSS JOIN (SELECT * FROM attribute_rule WHERE required OR needed) AS rule
JOIN identity_situation AS situation USING (anchor)
WHERE (rule.required OR (rule.needed AND situation.situation IN ('ABSENT', 'MISSING')))
    AND blank(wanted.values[rule.position])
    AND (
        (situation.expected = 'active' AND situation.situation IN ('ABSENT', 'MISSING', 'CONFIRMED', 'FOUND'))
        OR (situation.expected = 'suspended' AND situation.situation IN ('CONFIRMED', 'FOUND'))
    )
    AND (situation.anchor, rule.position) NOT IN (SELECT (anchor, position) FROM without_candidate)
    AND (situation.anchor, rule.position) NOT IN (SELECT (anchor, position) FROM unseen_value WHERE refused)
GROUP BY ALL
ORDER BY situation.anchor;

-- account_attributes --
-- The attributes of some accounts, as their system states them.
SELECT id, attributes FROM store.record_version
WHERE system = $target AND valid_to IS NULL AND id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY id;
