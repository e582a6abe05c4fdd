-- known_account --
-- Whether the latest snapshot of a target before an entry of the journal has an account, and the anchors that are linked to it.
WITH before AS (SELECT max(number) AS number FROM store.snapshot WHERE system = $target AND coalesce(entry < $began::BIGINT, true))
SELECT
    EXISTS (
        SELECT 1 FROM store.record_version AS version, before
        WHERE system = $target AND id = $account_id AND valid_from <= before.number AND (valid_to IS NULL OR valid_to > before.number)
    ) AS listed,
    coalesce((SELECT list(anchor ORDER BY anchor) FROM store.link WHERE target = $target AND account_id = $account_id), []) AS anchors;
