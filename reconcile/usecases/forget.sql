-- make_forgotten_person --
-- The records and the values of the person who is forgotten.
CREATE OR REPLACE TABLE forgotten_record (system VARCHAR, id VARCHAR);

-- make_forgotten_texts --
-- The values that identify them.
CREATE OR REPLACE TABLE forgotten_text (value VARCHAR);

-- texts_of_one_person --
-- The values of their records, where they stand, and whether they are theirs alone: no value of another record of any system, no name of a group, no state, and, where it is a single word, part of none of these and no word of this program.
WITH own_version AS (
    SELECT version.system, version.id, version.attributes FROM store.record_version AS version JOIN forgotten_record USING (system, id)
), mine AS (
    SELECT lower(entry.value ->> '$') AS folded, min(entry.value ->> '$') AS value, list(DISTINCT system || '.' || entry.key ORDER BY system || '.' || entry.key) AS places
    FROM own_version, json_each(own_version.attributes) AS entry WHERE length(entry.value ->> '$') >= $shortest GROUP BY folded
), others AS (
    SELECT unnest(json_extract_string(attributes::JSON, '$.*')) AS value FROM store.record_version AS version ANTI JOIN forgotten_record USING (system, id)
    UNION ALL SELECT name FROM store.entitlement_version
    UNION ALL SELECT state FROM store.record_version
    UNION ALL SELECT status FROM store.record_version
), held AS (SELECT DISTINCT lower(value) AS value FROM others WHERE value IS NOT NULL)
SELECT mine.value, mine.places,
    NOT list_contains($words::VARCHAR[], mine.folded)
    AND NOT EXISTS (
        SELECT 1 FROM held
        WHERE held.value = mine.folded OR (regexp_full_match(mine.folded, '\p{L}+') AND contains(held.value, mine.folded))
    ) AS is_theirs
FROM mine ORDER BY mine.value;

-- records_still_there --
-- Those of their records that the latest reads show, and linked accounts that no read has shown yet.
SELECT system, id FROM store.record_version JOIN forgotten_record USING (system, id) WHERE valid_to IS NULL
UNION
SELECT own.system, own.id FROM forgotten_record AS own JOIN store.link ON link.target = own.system AND link.account_id = own.id
WHERE NOT EXISTS (SELECT 1 FROM store.record_version AS shown WHERE shown.system = own.system AND shown.id = own.id)
ORDER BY system, id;

-- rows_of_forgotten --
-- How many rows of the store are about them.
SELECT
    (SELECT count(*) FROM store.record_version JOIN forgotten_record USING (system, id)),
    (SELECT count(*) FROM store.membership_version AS held JOIN forgotten_record AS own ON own.system = held.system AND own.id = held.account_id),
    (SELECT count(*) FROM store.quarantined AS odd WHERE EXISTS (
        SELECT 1 FROM forgotten_record AS own WHERE own.system = odd.system AND own.id = odd.id
    ) OR EXISTS (SELECT 1 FROM forgotten_text WHERE contains(lower(odd.raw), lower(value)))),
    (SELECT count(*) FROM store.log_event AS event WHERE EXISTS (
        SELECT 1 FROM forgotten_record AS own WHERE own.system = event.system AND (own.id = event.actor OR list_contains(event.targets, own.id))
    ) OR EXISTS (SELECT 1 FROM forgotten_text WHERE contains(lower(event.actor_name), lower(value))));

-- erase_versions --
-- Removes their records.
DELETE FROM store.record_version AS gone USING forgotten_record AS own WHERE gone.system = own.system AND gone.id = own.id;

-- erase_memberships_held --
-- Removes what they held.
DELETE FROM store.membership_version AS gone USING forgotten_record AS own WHERE gone.system = own.system AND gone.account_id = own.id;

-- erase_quarantined --
-- Removes unusable records that name them.
DELETE FROM store.quarantined AS odd WHERE EXISTS (
    SELECT 1 FROM forgotten_record AS own WHERE own.system = odd.system AND own.id = odd.id
) OR EXISTS (SELECT 1 FROM forgotten_text WHERE contains(lower(odd.raw), lower(value)));

-- erase_links --
-- Removes the pairs with their accounts.
DELETE FROM store.link
WHERE list_contains($anchors::VARCHAR[], anchor) OR (target, account_id) IN (SELECT (system, id) FROM forgotten_record);

-- erase_granted --
-- Removes the memberships that this job gave them.
DELETE FROM store.granted WHERE (target, account_id) IN (SELECT (system, id) FROM forgotten_record);

-- erase_rests --
-- Removes what is known of the end of their accounts.
DELETE FROM store.rest
WHERE list_contains($anchors::VARCHAR[], anchor) OR (target, account_id) IN (SELECT (system, id) FROM forgotten_record);

-- erase_lessons --
-- Removes what targets refused of them.
DELETE FROM store.lesson AS taught
WHERE list_contains($anchors::VARCHAR[], subject) OR (target, subject) IN (SELECT (system, id) FROM forgotten_record)
    OR EXISTS (SELECT 1 FROM forgotten_text WHERE contains(lower(taught.subject), lower(value)) OR contains(lower(taught.sentence), lower(value)));

-- erase_account_notes --
-- Removes the notes about their accounts.
DELETE FROM store.account_note WHERE (target, account_id) IN (SELECT (system, id) FROM forgotten_record);

-- erase_unlisted --
-- Removes the answers about accounts that no list shows.
DELETE FROM store.unlisted WHERE (system, id) IN (SELECT (system, id) FROM forgotten_record);

-- erase_unseen --
-- Removes what a partial read did not show of them.
DELETE FROM store.unseen WHERE (system, id) IN (SELECT (system, id) FROM forgotten_record);

-- erase_log_events --
-- Removes the events of logs that are about them.
DELETE FROM store.log_event AS event
WHERE EXISTS (SELECT 1 FROM forgotten_record AS own WHERE own.system = event.system AND list_contains(event.targets, own.id));

-- erase_log_actors --
-- Removes from the others that it was they who did it.
UPDATE store.log_event AS event SET actor = '', actor_name = ''
WHERE EXISTS (SELECT 1 FROM forgotten_record AS own WHERE own.system = event.system AND own.id = event.actor)
    OR EXISTS (SELECT 1 FROM forgotten_text WHERE contains(lower(event.actor_name), lower(value)));
