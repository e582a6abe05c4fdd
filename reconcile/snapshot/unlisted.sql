-- unlisted_accounts --
-- Known accounts that a complete list does not show: linked, found by a run, or named in a decision; with their last version and answer.
WITH wanted AS (
    SELECT account_id FROM store.link WHERE target = $system
    UNION
    SELECT account_id FROM store.account_note WHERE target = $system AND note = 'found'
    UNION
    SELECT unnest($decided::VARCHAR[])
),
last_version AS (
    SELECT id, arg_max(state, valid_from) AS state, arg_max(status, valid_from) AS status, arg_max(attributes, valid_from) AS attributes,
        arg_max(updated, valid_from) AS updated, bool_or(valid_to IS NULL) AS is_open
    FROM store.record_version WHERE system = $system AND id IN (SELECT account_id FROM wanted) GROUP BY id
)
SELECT wanted.account_id, coalesce(suspension.state, '') AS ended_as, coalesce(note.note, '') = 'gone' AS known_gone, coalesce(known.answer, '') AS answer,
    old.state, old.status, old.attributes, old.updated, coalesce(old.is_open, false) AS is_open
FROM wanted
LEFT JOIN store.rest AS suspension ON suspension.target = $system AND suspension.account_id = wanted.account_id
LEFT JOIN store.account_note AS note ON note.target = $system AND note.account_id = wanted.account_id
LEFT JOIN store.unlisted AS known ON known.system = $system AND known.id = wanted.account_id
LEFT JOIN last_version AS old ON old.id = wanted.account_id
WHERE wanted.account_id NOT IN (SELECT id FROM staged_record)
    AND wanted.account_id NOT IN (SELECT id FROM staged_quarantined WHERE kind = 'accounts')
ORDER BY wanted.account_id;
