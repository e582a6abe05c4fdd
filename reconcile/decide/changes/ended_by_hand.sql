-- held_apps_ended_by_hand --
-- The apps of some accounts in which nothing ends the accounts of those who lose them, and why.
SELECT DISTINCT held.account_id, app.name, app.id, json_extract_string(app.attributes, '$.by_hand') AS why
FROM store.membership_version AS held
JOIN store.entitlement_version AS app ON app.system = held.system AND app.id = held.entitlement_id AND app.valid_to IS NULL
WHERE held.system = $target AND held.valid_to IS NULL AND held.account_id IN (SELECT unnest($ids::VARCHAR[]))
    AND app.kind = 'app' AND json_extract_string(app.attributes, '$.by_hand') <> ''
ORDER BY held.account_id, app.name, app.id;
