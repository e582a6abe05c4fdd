-- changed_hands --
-- How many accounts the read before had, how many came now, how many are in both under one id, and how many of those carry another login and another address, domains aside.
WITH known AS (
    SELECT
        lower(split_part(json_extract_string(old.attributes, $login), '@', 1)) AS old_login,
        lower(split_part(json_extract_string(new.attributes, $login), '@', 1)) AS new_login,
        lower(split_part(json_extract_string(old.attributes, $email), '@', 1)) AS old_email,
        lower(split_part(json_extract_string(new.attributes, $email), '@', 1)) AS new_email
    FROM staged_record AS new
    JOIN store.record_version AS old ON old.system = $system AND old.valid_to IS NULL AND old.id = new.id
)
SELECT (SELECT count(*) FROM store.record_version WHERE system = $system AND valid_to IS NULL
    -- What the list before did not show need not be in this one.
    AND id NOT IN (SELECT id FROM store.unlisted WHERE system = $system)) AS before, (SELECT count(*) FROM staged_record) AS came,
    count(*) AS known, count(*) FILTER (
    WHERE old_login <> new_login AND (old_email IS NULL OR new_email IS NULL OR old_email <> new_email)
) AS changed FROM known;
