-- latest_scopes --
-- What the latest read of every system covered.
SELECT system, kind, name, complete, coalesce(partial, false) AS partial, rows, reason
FROM store.scope_read
WHERE (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
ORDER BY system, kind, name;
