-- has_ended_rows --
-- Whether the latest read of one source changed or ended rows.
SELECT count(*) > 0 FROM store.record_version WHERE system = $system AND valid_to = (SELECT max(number) FROM store.snapshot WHERE system = $system);

-- ended_rows --
-- The rows of one source that its latest read changed or ended, as they were before it.
SELECT
    id AS _record_id, CAST($run_date AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM store.record_version
WHERE system = $system AND valid_to = (SELECT max(number) FROM store.snapshot WHERE system = $system);

-- make_now_of_ended --
-- The same rows as they are now; those that are gone are not among them.
--   _rank       BIGINT
--   _record_id  VARCHAR  key
--   anchor      VARCHAR
--   ...
CREATE TABLE now_of_ended AS
SELECT mapped.* FROM mapped WHERE mapped._rank = $rank AND mapped._record_id IN (SELECT _record_id FROM ended_mapped);

-- ended_and_now --
-- What was stated of somebody, and what is.
SELECT was.values, is_now.values FROM was JOIN is_now USING (_record_id)
WHERE was.values[1] = is_now.values[1] AND was.values IS DISTINCT FROM is_now.values
ORDER BY is_now.values, was.values;
