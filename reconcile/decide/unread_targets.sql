-- make_own_endings --
-- The accounts that this job suspended or deactivated and that no read has shown otherwise since: what is known of them is how they were before, or no state. A read that was partial counts: it may have shown them.
--   target      VARCHAR
--   account_id  VARCHAR
CREATE TABLE own_ending AS
WITH last_read AS (
    SELECT system, max(number) AS number
    FROM store.scope_read WHERE kind = 'accounts' AND (complete OR partial) GROUP BY system
)
SELECT ours.target, ours.account_id
FROM store.rest AS ours
JOIN store.record_version AS account ON account.system = ours.target AND account.id = ours.account_id AND account.valid_to IS NULL
LEFT JOIN last_read ON last_read.system = ours.target
WHERE CASE
    WHEN account.state = 'unknown' AND ours.state = 'deactivated' THEN NOT EXISTS (
        SELECT 1 FROM store.record_version AS other
        WHERE other.system = ours.target AND other.id = ours.account_id AND other.valid_from > ours.number
            AND other.state NOT IN ('deactivated', 'unknown')
    )
    ELSE coalesce(last_read.number, 0) <= ours.number
END;

-- leavers_of_unread_target --
-- Who left and has a linked account that worked when its target was last read, and that this job did not end since.
SELECT coalesce(person.name, '') AS name, person.anchor, account.id
FROM leaver_name AS person
JOIN store.link AS link ON link.target = $target AND link.anchor = person.anchor
JOIN store.record_version AS account ON account.system = $target AND account.id = link.account_id AND account.valid_to IS NULL
WHERE person.standing = 'terminated' AND account.state IN ('active', 'unknown')
    AND account.id NOT IN (SELECT account_id FROM own_ending WHERE target = $target)
ORDER BY person.anchor;
