-- owner_of --
-- The person of an account in the target: by situation, or by the remembered link; and what the account's situation is.
SELECT anchor, situation FROM account_situation WHERE account_id = $account_id;
