-- remembered_otherwise --
-- Who else than a person is meant by an account: whom it is remembered as, or itself where another one is remembered as theirs.
WITH pair AS (
    SELECT coalesce(alias.identity, link.anchor) AS anchor, link.account_id
    FROM store.link LEFT JOIN alias ON alias.anchor = link.anchor WHERE link.target = $target
)
SELECT coalesce(min(anchor) FILTER (account_id = $account_id), $account_id) AS meant
FROM pair WHERE account_id = $account_id OR anchor = $anchor
HAVING count(*) > 0 AND NOT coalesce(bool_or(account_id = $account_id AND anchor = $anchor), false);

-- owner_of --
-- The person of an account in the target: by situation, or by the remembered link; and what the account's situation is.
SELECT anchor, situation FROM account_situation WHERE account_id = $account_id;
