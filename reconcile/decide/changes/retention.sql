-- deletable_accounts --
-- Accounts that this job deactivated and whose person is terminated, or proven to be gone. What may be somebody else's by now is not among them.
SELECT suspension.account_id, suspension.anchor, suspension.since, account.login, situation.situation,
    coalesce(eligibility.name, '') AS name, coalesce(eligibility.state, '') AS state, identity._life
FROM own_suspension AS suspension
JOIN account USING (account_id)
JOIN account_situation AS situation ON situation.account_id = suspension.account_id AND situation.anchor = suspension.anchor
JOIN link ON link.account_id = suspension.account_id AND link.anchor = suspension.anchor
LEFT JOIN eligibility ON eligibility.anchor = suspension.anchor
LEFT JOIN identity ON identity.anchor = suspension.anchor
WHERE suspension.state = 'deactivated' AND suspension.shown AND suspension.account_id NOT IN (SELECT account_id FROM candidate) AND (
    (situation.situation = 'UNQUALIFIED' AND eligibility.expected = 'none' AND eligibility.state = 'terminated')
    OR (situation.situation = 'SOURCE_MISSING' AND suspension.account_id IN (SELECT account_id FROM vanished_account))
)
ORDER BY suspension.anchor, suspension.account_id;
