-- source_rows --
-- The rows of one source as they hold now, one text column an attribute, with the clock and what the system says of the row beside them.
SELECT
    id AS _record_id, $rank::BIGINT AS _rank, CAST($run_date AS DATE) AS run_date,
    id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM store.record_version
WHERE system = $system AND valid_to IS NULL;

-- make_lifecycle_rules --
-- How each source says where a person stands.
CREATE TABLE lifecycle_rule (
    rank BIGINT, source VARCHAR, declared BOOLEAN, active VARCHAR[], leave VARCHAR[], terminated VARCHAR[],
    has_status BOOLEAN, end_is VARCHAR, lead_days INTEGER
);

-- add_lifecycle_rule --
-- One of them.
INSERT INTO lifecycle_rule VALUES (
    $rank, $source, $declared, $active::VARCHAR[], $leave::VARCHAR[], $terminated::VARCHAR[], $has_status, $end_is, $lead_days
);

-- judge_rows --
-- Where each source row says its person stands at the clock, or why the row cannot be used.
CREATE TABLE judged AS
WITH read AS (
    SELECT
        _rank, _record_id, anchor, run_date, rule.*,
        EXISTS (
            SELECT 1 FROM store.quarantined AS unread
            WHERE unread.system = rule.source AND unread.id = mapped._record_id
                AND unread.number = (SELECT max(number) FROM store.snapshot WHERE system = rule.source)
        ) AS unread,
        lower(trim(coalesce(_status, ''))) AS word,
        nullif(trim(coalesce(_start, '')), '') AS start_text,
        nullif(trim(coalesce(_end, '')), '') AS end_text,
        try_cast(nullif(trim(coalesce(_start, '')), '') AS DATE) AS start_date,
        try_cast(nullif(trim(coalesce(_end, '')), '') AS DATE) AS end_date
    FROM mapped JOIN lifecycle_rule AS rule ON rule.rank = mapped._rank
),
dated AS (
    SELECT *,
        -- An end before the latest start belongs to an earlier employment: some systems keep it after a rehire.
        CASE WHEN end_date < start_date THEN NULL ELSE end_date END AS ended,
        start_date - lead_days > run_date AS not_started
    FROM read
),
counted AS (SELECT *, count(*) OVER (PARTITION BY _rank, anchor) AS rows_of_anchor FROM dated)
SELECT
    _rank, _record_id, anchor, source,
    CASE
        WHEN NOT declared THEN NULL
        WHEN list_contains(terminated, word) AND (ended IS NULL OR ended <= run_date) THEN 'terminated'
        WHEN ended < run_date OR (end_is = 'first_day_gone' AND ended <= run_date) THEN 'terminated'
        WHEN not_started THEN 'future'
        WHEN list_contains(leave, word) THEN 'leave'
        ELSE 'active'
    END AS state,
    CASE WHEN declared THEN concat_ws(', ',
        CASE WHEN has_status AND NOT list_contains(active, word) AND word NOT IN ('leave', 'on leave', 'terminated') THEN 'status ' || word END,
        'start ' || start_date, 'end ' || ended
    ) END AS life,
    CASE
        WHEN unread THEN 'could not be read tonight; what is known of it is from an earlier read'
        WHEN anchor IS NULL OR trim(anchor) = '' THEN 'has no anchor: nobody can say who it is'
        WHEN rows_of_anchor > 1 THEN 'stands beside another row with the same anchor: which one counts is for the mapping''s where to say'
        WHEN has_status AND NOT list_contains(list_concat(active, list_concat(leave, terminated)), word)
            THEN 'has the status ''' || word || ''', which the mapping does not list'
        WHEN start_text IS NOT NULL AND start_date IS NULL THEN 'has the start date ''' || start_text || ''', which is not a date'
        WHEN end_text IS NOT NULL AND end_date IS NULL THEN 'has the end date ''' || end_text || ''', which is not a date'
    END AS problem
FROM counted;

-- make_known --
-- The mapped rows that say who they are about. Unusable ones are among them: who is held back must still be recognised.
CREATE TABLE known AS
SELECT
    mapped.* EXCLUDE (_status, _start, _end, run_date), judged.state, judged.life AS _life,
    row_number() OVER (ORDER BY _rank, _record_id) AS _place
FROM mapped JOIN judged USING (_rank, _record_id)
WHERE trim(coalesce(mapped.anchor, '')) <> '';

-- make_held --
-- The people of whom some row cannot be used: they stay as they are.
CREATE TABLE held_anchor AS
SELECT DISTINCT anchor FROM judged WHERE problem IS NOT NULL AND anchor IS NOT NULL AND trim(anchor) <> '';

-- row_problems --
-- The rows that cannot be used, and why.
SELECT source, coalesce(anchor, '') AS anchor, coalesce(_record_id, '') AS record, problem
FROM judged WHERE problem IS NOT NULL ORDER BY source, anchor, record, problem;

-- make_identities --
-- The identities: one row each, with the clock.
CREATE TABLE identity AS
SELECT merged.* EXCLUDE (state), coalesce(state, 'active') AS state, CAST($run_date AS DATE) AS run_date
FROM merged ORDER BY anchor;

-- unclear_rows --
-- How many source rows leave it unclear who somebody is: while there are any, "nobody claims this account" is not proven.
SELECT (SELECT count(*) FROM judged WHERE problem IS NOT NULL) + (
    SELECT count(*) FROM store.quarantined
    WHERE system IN (SELECT source FROM lifecycle_rule)
        AND (system, number) IN (SELECT (system, max(number)) FROM store.snapshot GROUP BY system)
);
