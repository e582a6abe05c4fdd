-- unmatched --
-- The values that do not match a regular expression, as a whole or in some part.
SELECT value FROM (SELECT unnest($values::VARCHAR[]) AS value)
WHERE NOT CASE WHEN $whole THEN regexp_full_match(value, $pattern) ELSE regexp_matches(value, $pattern) END
ORDER BY value;
