-- make_rests --
-- The accounts of this target that this job suspended or deactivated and that nobody has touched since: no later snapshot shows another state.
CREATE OR REPLACE TABLE rest AS
SELECT known.account_id, known.anchor, known.state, known.since
FROM store.rest AS known
JOIN account USING (account_id)
WHERE known.target = $target AND account.state = known.state AND NOT EXISTS (
    SELECT 1 FROM store.record_version AS later
    WHERE later.system = $target AND later.id = known.account_id AND later.valid_from > known.number AND later.state <> known.state
);
