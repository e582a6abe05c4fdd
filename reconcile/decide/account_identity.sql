-- account_identities --
-- What identifies some accounts, as their system states it: a JSON list of the values at the paths, and the state.
SELECT id, CAST(to_json(json_extract(attributes, $paths::VARCHAR[])) AS VARCHAR) AS stated, state FROM store.record_version
WHERE system = $target AND valid_to IS NULL AND id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY id;

-- absence_keys --
-- The values by which no account of some people was found, each with the accounts that hold it and are not theirs all the same.
WITH stated AS (
    SELECT keys.anchor, rule.rank, rule.attribute, trim(keys.values[rule.rank]) AS val, rule.no_zeros
    FROM keys_of_person AS keys CROSS JOIN key_rule AS rule
    WHERE keys.anchor IN (SELECT unnest($anchors::VARCHAR[])) AND trim(coalesce(keys.values[rule.rank], '')) <> ''
),
cleaned AS (
    -- A system finds what it is asked for, letter by letter: what a person sees is asked for beside what the source states.
    SELECT anchor, rank, attribute, val, no_zeros FROM stated
    UNION ALL
    SELECT anchor, rank, attribute, trim(plain(val)) AS val, no_zeros FROM stated WHERE trim(plain(val)) NOT IN ('', val)
),
form AS (
    -- Two of one text are no fault here: the reader looks for each once.
    SELECT anchor, rank, attribute, val FROM cleaned
    UNION ALL
    SELECT anchor, rank, attribute, ltrim(val, '0') AS val FROM cleaned WHERE no_zeros AND ltrim(val, '0') NOT IN ('', val)
),
held AS (
    SELECT account.account_id, rule.rank, lower(trimmed(account.keys[rule.rank])) AS key FROM account CROSS JOIN key_rule AS rule
),
-- Most forms are held by nobody: lists are made of the others alone.
holding AS (
    SELECT form.anchor, form.rank, form.val, list(held.account_id ORDER BY held.account_id) AS holders
    FROM form JOIN held ON held.rank = form.rank AND held.key = lower(form.val) GROUP BY form.anchor, form.rank, form.val
)
SELECT form.anchor, form.attribute, form.val, coalesce(holding.holders, []) AS holders
FROM form LEFT JOIN holding ON holding.anchor = form.anchor AND holding.rank = form.rank AND holding.val = form.val
ORDER BY form.anchor, form.rank, form.val;
