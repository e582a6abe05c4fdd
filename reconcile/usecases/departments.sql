-- departments_of_accounts --
-- The departments of some accounts in the newest snapshots: system, account, department.
SELECT system, id, department
FROM (
    SELECT
        system, id,
        coalesce(
            json_extract_string(attributes, '$.department'), json_extract_string(attributes, '$."enterprise.department"')
        ) AS department
    FROM store.record_version
    WHERE valid_to IS NULL AND id IN (SELECT unnest($ids::VARCHAR[]))
)
WHERE department <> ''
ORDER BY ALL;
