-- ended --
-- Accounts that a run deactivated by mistake: the first so many of people who still work.
CREATE TABLE ended AS
SELECT account.id, link.anchor, json_extract_string(account.attributes, '$.login') AS login, account.attributes, account.updated
FROM store.record_version AS account
JOIN store.link AS link ON link.target = 'okta' AND link.account_id = account.id
WHERE account.system = 'okta' AND account.state = 'active' AND account.valid_to IS NULL
ORDER BY account.id LIMIT $operations;

-- end_accounts --
-- The newest snapshot shows them deactivated, and no longer as they were.
UPDATE store.record_version SET valid_to = 2 WHERE system = 'okta' AND id IN (SELECT id FROM ended);

-- put_ended_accounts --
-- The same.
INSERT INTO store.record_version BY NAME
SELECT 'okta' AS system, id, 'deactivated' AS state, 'DEPROVISIONED' AS status, attributes, updated, 2 AS valid_from, NULL AS valid_to FROM ended;
