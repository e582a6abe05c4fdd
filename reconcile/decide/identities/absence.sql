-- untrusted_sources --
-- How many sources show nothing that can be believed.
SELECT count(*) FROM doubtful_source WHERE untrusted;

-- ever_known_columns --
-- The attribute names that the rows of a system ever had.
SELECT list_sort(list(DISTINCT name)) FROM (SELECT unnest(columns) AS name FROM store.snapshot WHERE system = $system);

-- past_rows --
-- Every version of the rows of one source, or those alone that are there now, one text column an attribute; which of them the mapping would count is not asked.
SELECT
    valid_to AS _valid_to, CAST(NULL AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM store.record_version WHERE system = $system AND (valid_to IS NULL OR NOT $held);

-- make_past --
-- Whose rows those were.
--   system    VARCHAR
--   anchor    VARCHAR
--   valid_to  BIGINT
CREATE TABLE past (system VARCHAR, anchor VARCHAR, valid_to BIGINT);

-- add_past --
-- Those of one source.
INSERT INTO past SELECT $system, anchor, _valid_to FROM past_anchors;

-- last_shown --
-- For some people and each source that ever held a row of theirs: the number of the first read without one, NULL where it holds one now.
SELECT anchor, system, CASE WHEN bool_or(valid_to IS NULL) THEN NULL ELSE max(valid_to) END AS gone
FROM past WHERE anchor IN (SELECT unnest($anchors::VARCHAR[]))
GROUP BY anchor, system ORDER BY anchor, system;

-- whole_reads --
-- The reads of some systems that showed all they held, with the content of their files, whatever these were called and dated.
SELECT scope.system, scope.number, any_value(snapshot.taken_at) AS taken_at,
    string_agg(
        CASE WHEN scope.kind = 'file' AND scope.fingerprint <> '' THEN scope.fingerprint ELSE scope.number::VARCHAR END, ' '
        ORDER BY scope.fingerprint
    ) AS content
FROM store.scope_read AS scope JOIN store.snapshot AS snapshot USING (system, number)
WHERE scope.kind IN ('file', 'accounts') AND scope.system IN (SELECT unnest($systems::VARCHAR[]))
GROUP BY scope.system, scope.number
HAVING bool_and(scope.complete AND NOT scope.delta)
ORDER BY scope.system, scope.number;

-- snapshot_times --
-- When each snapshot was taken.
SELECT system, number, taken_at FROM store.snapshot ORDER BY system, number;
