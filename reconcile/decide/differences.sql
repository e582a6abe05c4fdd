-- subjects --
-- How a reviewer knows the people of some anchors: name, and the login of their account.
SELECT situation.anchor, situation.name, coalesce(account.login, '') AS login, coalesce(situation.account_id, '') AS account_id, situation.situation
FROM identity_situation AS situation LEFT JOIN account USING (account_id)
WHERE situation.anchor IN (SELECT unnest($anchors::VARCHAR[]))
ORDER BY situation.anchor;
