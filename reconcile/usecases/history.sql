-- make_read_times --
-- When each system was read with the journal's last entry by then, and the last time before that at which a read of it did not fail; empty for the first.
CREATE OR REPLACE TABLE read_time AS
WITH failed AS (
    SELECT DISTINCT system, number FROM store.scope_read WHERE kind IN ('file', 'accounts') AND NOT complete AND NOT partial
), known AS (
    SELECT system, number, taken_at, entry, last_value(
        CASE WHEN failed.number IS NULL THEN {'taken_at': taken_at, 'entry': entry} END IGNORE NULLS
    ) OVER (PARTITION BY system ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
    FROM store.snapshot LEFT JOIN failed USING (system, number)
)
SELECT system, number, taken_at, entry, coalesce(earlier.taken_at, '') AS earlier, earlier.entry AS earlier_entry FROM known;

-- pruned_histories --
-- The systems of which closed rows were removed that had ended after a time, each with the last read of which changes may be missing.
SELECT forgotten.system, snapshot.taken_at
FROM store.forgotten AS forgotten JOIN store.snapshot AS snapshot ON snapshot.system = forgotten.system AND snapshot.number = forgotten.number
WHERE snapshot.taken_at > $since
ORDER BY forgotten.system;

-- record_history --
-- Records that appeared, changed or went within a time: before, now, and of the read that shows it and of the last one before that did not fail the time and the journal's last entry.
WITH wanted AS (
    SELECT unnest($systems::VARCHAR[]) AS system, unnest($ids::VARCHAR[]) AS id
), read AS (
    SELECT * FROM read_time WHERE taken_at > $since AND taken_at <= $until AND ($with_first OR earlier <> '')
), version AS (
    -- Chosen before anything is joined: a company has millions.
    SELECT * FROM store.record_version WHERE NOT $some OR (system, id) IN (SELECT (system, id) FROM wanted)
), ended AS (
    SELECT old.* FROM version AS old
    WHERE old.valid_to IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM version AS next WHERE next.system = old.system AND next.id = old.id AND next.valid_from = old.valid_to
    )
), change AS (
    SELECT
        now.system, now.id, now.valid_from AS number,
        old.state AS old_state, now.state AS new_state, old.attributes AS old_attributes, now.attributes AS new_attributes
    FROM version AS now
    LEFT JOIN version AS old ON old.system = now.system AND old.id = now.id AND old.valid_to = now.valid_from
    UNION ALL
    SELECT system, id, valid_to, state, NULL, attributes, NULL FROM ended
)
SELECT change.system, change.id, old_state, new_state, old_attributes, new_attributes,
    read.taken_at, read.entry, read.earlier, read.earlier_entry
FROM change JOIN read ON read.system = change.system AND read.number = change.number
ORDER BY read.taken_at, change.system, change.id;

-- membership_history --
-- Memberships that began or ended within a time, with the name of the entitlement, and of the read that shows it and of the last one before that did not fail the time and the journal's last entry.
WITH wanted AS (
    SELECT unnest($systems::VARCHAR[]) AS system, unnest($ids::VARCHAR[]) AS id
), named AS (
    SELECT system, id, arg_max(name, valid_from) AS name FROM store.entitlement_version GROUP BY system, id
), read AS (
    SELECT * FROM read_time WHERE taken_at > $since AND taken_at <= $until AND ($with_first OR earlier <> '')
), version AS (
    -- Chosen before anything is grouped: a company has millions.
    SELECT * FROM store.membership_version
    WHERE (NOT $some OR (system, account_id) IN (SELECT (system, id) FROM wanted))
        AND (NOT $of_entitlements OR entitlement_id IN (SELECT unnest($entitlement_ids::VARCHAR[])))
), change AS (
    SELECT system, account_id, entitlement_id, valid_from AS number, true AS member FROM version
    UNION ALL
    SELECT system, account_id, entitlement_id, valid_to, false FROM version WHERE valid_to IS NOT NULL
), settled AS (
    -- One that goes on in another way (directly, or through a group) began and ended with one read.
    SELECT system, account_id, entitlement_id, number, bool_or(member) AS member
    FROM change SEMI JOIN read USING (system, number)
    GROUP BY system, account_id, entitlement_id, number HAVING count(DISTINCT member) = 1
)
SELECT
    settled.system, settled.account_id, settled.entitlement_id, coalesce(named.name, settled.entitlement_id) AS name, settled.member,
    read.taken_at, read.entry, read.earlier, read.earlier_entry
FROM settled
JOIN read ON read.system = settled.system AND read.number = settled.number
LEFT JOIN named ON named.system = settled.system AND named.id = settled.entitlement_id
ORDER BY read.taken_at, settled.system, settled.account_id, name;

-- accounts_once_known_as --
-- The accounts of a target that once had a word as their id, login or e-mail address, and the records of a source with that id.
SELECT DISTINCT id FROM store.record_version
WHERE system = $system AND lower($who) IN (
    lower(id), lower(json_extract_string(attributes, $login_path)), lower(json_extract_string(attributes, $email_path))
) ORDER BY id;

-- rows_with_id --
-- The records of sources with an id, also of people who are in no source any more.
SELECT DISTINCT system, id FROM store.record_version WHERE id = $anchor AND system IN (SELECT source FROM lifecycle_rule) ORDER BY system;

-- pairs_of_people --
-- The remembered pairs of people: those of an anchor, or of an account.
SELECT target, anchor, account_id FROM store.link
WHERE lower(anchor) = lower($who)
    OR EXISTS (SELECT 1 FROM (SELECT unnest($systems::VARCHAR[]) AS system, unnest($ids::VARCHAR[]) AS id) AS known
               WHERE known.system = link.target AND known.id = link.account_id)
ORDER BY target, anchor, account_id;

-- names_of_records --
-- What records were known by last: the attributes of their newest version.
SELECT system, id, arg_max(attributes, valid_from) AS attributes
FROM store.record_version
WHERE EXISTS (SELECT 1 FROM (SELECT unnest($systems::VARCHAR[]) AS system, unnest($ids::VARCHAR[]) AS id) AS known
              WHERE known.system = record_version.system AND known.id = record_version.id)
GROUP BY system, id ORDER BY system, id;

-- groups_ever_called --
-- The groups, apps and roles that are or were called so, or have the id.
SELECT DISTINCT system, id FROM store.entitlement_version WHERE lower(name) = lower($name) OR id = $name ORDER BY system, id;
