-- make_rests --
-- The accounts of this target that this job suspended or deactivated and nobody touched since: every complete read after that shows them so.
CREATE OR REPLACE TABLE rest AS
WITH ours AS (SELECT account_id, anchor, state, since, number FROM store.rest WHERE target = $target),
complete_read AS (SELECT number FROM store.scope_read WHERE system = $target AND kind = 'accounts' AND complete),
first_read AS (
    SELECT night.number, min(complete_read.number) AS shown
    FROM (SELECT DISTINCT number FROM ours) AS night JOIN complete_read ON complete_read.number > night.number
    GROUP BY night.number
)
SELECT ours.account_id, ours.anchor, ours.state, ours.since
FROM ours
JOIN account USING (account_id)
LEFT JOIN first_read USING (number)
WHERE account.state = ours.state AND NOT EXISTS (
    SELECT 1 FROM store.record_version AS other
    WHERE other.system = $target AND other.id = ours.account_id AND other.state <> ours.state
        AND coalesce(other.valid_to > first_read.shown, first_read.shown IS NOT NULL)
);
