-- known_account --
-- Whether the latest snapshot of a target has an account, and the anchors that are linked to it.
SELECT
    EXISTS (SELECT 1 FROM store.record_version WHERE system = $target AND id = $account_id AND valid_to IS NULL) AS listed,
    coalesce((SELECT list(anchor ORDER BY anchor) FROM store.link WHERE target = $target AND account_id = $account_id), []) AS anchors;
