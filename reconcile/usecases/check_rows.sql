-- rows_by_source --
-- How many rows of each source count, and how many there are.
SELECT rule.source, count(mapped._record_id) AS rows,
    (SELECT count(*) FROM store.record_version AS record WHERE record.system = rule.source AND record.valid_to IS NULL) AS there
FROM lifecycle_rule AS rule LEFT JOIN mapped ON mapped._rank = rule.rank
GROUP BY rule.source ORDER BY min(rule.rank);
