-- deletable_accounts --
-- Accounts that this job deactivated and whose person is terminated, or proven to be gone. What may be somebody else's by now is not among them.
SELECT rest.account_id, rest.anchor, rest.since, account.login, situation.situation,
    coalesce(due.name, '') AS name, coalesce(due.state, '') AS state, coalesce(due.life, '') AS life
FROM rest
JOIN account USING (account_id)
JOIN account_situation AS situation ON situation.account_id = rest.account_id AND situation.anchor = rest.anchor
JOIN known_link AS link ON link.account_id = rest.account_id AND link.anchor = rest.anchor
LEFT JOIN due ON due.anchor = rest.anchor
WHERE rest.state = 'deactivated' AND rest.shown AND rest.account_id NOT IN (SELECT account_id FROM candidate) AND (
    (situation.situation = 'UNQUALIFIED' AND due.expected = 'not_due' AND due.state = 'terminated')
    OR (situation.situation = 'SOURCE_MISSING' AND rest.account_id IN (SELECT account_id FROM vanished_account))
)
ORDER BY rest.anchor, rest.account_id;
