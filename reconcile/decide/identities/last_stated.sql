-- anybody_is_unstated --
-- Whether there are people of whom no source says whether they work.
SELECT count(*) > 0 FROM merged WHERE state IS NULL;

-- make_last_stated --
-- What a source last said of people of whom no source before it says whether they work, where it has no row of theirs any more. `since`: when the read before that of this row was.
--   anchor    VARCHAR
--   rank      BIGINT
--   has_left  BOOLEAN
--   _life     STRUCT(status VARCHAR, started DATE, ended DATE)
--   since     VARCHAR
CREATE TABLE last_stated (anchor VARCHAR, rank BIGINT, has_left BOOLEAN, _life STRUCT(status VARCHAR, started DATE, ended DATE), since VARCHAR);

-- make_said_before --
-- The people who work by a source that said so before an earlier source, whose row is gone, said that they left.
--   anchor  VARCHAR  key
CREATE TABLE said_before (anchor VARCHAR);

-- last_rows --
-- The last version of each row of one source that is gone.
WITH gone AS (
    SELECT * FROM store.record_version
    WHERE system = $system AND valid_to IS NOT NULL
        AND id NOT IN (SELECT id FROM store.record_version WHERE system = $system AND valid_to IS NULL)
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY valid_to DESC) = 1
)
SELECT
    valid_from AS _valid_from, valid_to AS _valid_to, CAST($run_date AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM gone;

-- add_last_stated --
-- What the rows of one source say at the clock. Of several rows of a person those count that were there last, and one that does not end outweighs the others.
INSERT INTO last_stated
WITH read AS (
    SELECT coalesce(alias.identity, mapped.anchor) AS anchor, mapped._valid_from, mapped._valid_to, mapped.run_date, rule.*,
        lower(trim(coalesce(_status, ''))) AS word, day_of(_start) AS started, day_of(_end) AS end_date
    FROM last_mapped AS mapped JOIN lifecycle_rule AS rule ON rule.rank = $rank LEFT JOIN alias ON alias.anchor = mapped.anchor
),
-- Of anchors that are one person it is not the first source that counts.
stated_later AS (
    SELECT anchor FROM judged WHERE anchor IN (SELECT anchor FROM read) AND anchor NOT IN (SELECT anchor FROM alias)
    GROUP BY anchor HAVING min(_rank) FILTER (state IS NOT NULL) > $rank
),
dated AS (
    SELECT *, CASE WHEN end_date < started THEN NULL ELSE end_date END AS ended
    FROM read WHERE anchor IN (SELECT anchor FROM merged WHERE state IS NULL) OR anchor IN (FROM stated_later)
    QUALIFY _valid_to = max(_valid_to) OVER (PARTITION BY anchor)
),
said AS (
    SELECT anchor, bool_and(has_left(word, ended, terminated, end_is, run_date)) AS has_left,
        any_value({'status': CASE WHEN has_status AND NOT list_contains(active, word) THEN word END, 'started': started, 'ended': ended} ORDER BY ended DESC NULLS LAST, started, word) AS _life,
        min(source) AS source, min(_valid_from) AS number
    FROM dated GROUP BY anchor
)
SELECT anchor, $rank, has_left, _life,
    coalesce((SELECT max(taken_at) FROM store.snapshot WHERE snapshot.system = said.source AND snapshot.number < said.number), '')
FROM said;

-- make_outranked --
-- The rows of people who work by them, though a source before theirs said last that they left; with the read of that time, or the first one.
--   rank       BIGINT   key
--   record_id  VARCHAR  key
--   anchor     VARCHAR
--   source     VARCHAR
--   number     BIGINT
CREATE TABLE outranked AS
WITH gone AS (SELECT anchor, arg_min(since, rank) AS since FROM last_stated GROUP BY anchor HAVING arg_min(has_left, rank)),
stating AS (
    SELECT anchor, min(_rank) AS rank FROM judged
    WHERE state IS NOT NULL AND anchor IN (SELECT anchor FROM gone) GROUP BY anchor
),
first_read AS (SELECT system, min(number) AS number FROM store.snapshot GROUP BY system),
asked AS (
    SELECT judged._rank AS rank, judged._record_id AS record_id, anchor, judged.source, gone.since
    FROM judged JOIN stating USING (anchor) JOIN gone USING (anchor) WHERE judged._rank = stating.rank AND judged.state <> 'terminated'
)
SELECT asked.rank, asked.record_id, asked.anchor, asked.source, coalesce(earlier.number, first_read.number) AS number
FROM asked
JOIN first_read ON first_read.system = asked.source
ASOF LEFT JOIN store.snapshot AS earlier ON earlier.system = asked.source AND earlier.taken_at <= asked.since;

-- ranks_outranked --
-- The places of the sources of those rows.
SELECT DISTINCT rank FROM outranked ORDER BY rank;

-- rows_then --
-- The same rows of one source as they were at that time.
WITH earlier AS (
    SELECT version.id, version.state, version.status, version.attributes
    FROM store.record_version AS version
    JOIN outranked ON outranked.rank = $rank AND outranked.record_id = version.id
    WHERE version.system = $system AND version.valid_from <= outranked.number AND (version.valid_to IS NULL OR version.valid_to > outranked.number)
)
SELECT CAST($run_date AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status, unnest(json_transform(attributes, $shape))
FROM earlier;

-- add_said_before --
-- Those of one source.
INSERT INTO said_before
WITH read AS (
    SELECT outranked.anchor, then_mapped.run_date, rule.*, lower(trim(coalesce(_status, ''))) AS word, day_of(_start) AS started, day_of(_end) AS end_date
    FROM then_mapped
    JOIN outranked ON outranked.rank = $rank AND outranked.record_id = then_mapped.record_id AND outranked.anchor = then_mapped.anchor
    JOIN lifecycle_rule AS rule ON rule.rank = $rank
)
SELECT DISTINCT anchor FROM read WHERE NOT has_left(word, CASE WHEN end_date < started THEN NULL ELSE end_date END, terminated, end_is, run_date);

-- make_last_leavers --
-- Those who left, as the first source by precedence said that ever held a row of theirs. `outranked`: the source that states otherwise, and did before.
--   anchor     VARCHAR  key
--   source     VARCHAR
--   outranked  VARCHAR
--   _life      STRUCT(status VARCHAR, started DATE, ended DATE)
CREATE TABLE last_leaver AS
WITH gone AS (
    SELECT anchor, arg_min(rule.source, rank) AS source, arg_min(_life, rank) AS _life, arg_min(since, rank) AS since
    FROM last_stated JOIN lifecycle_rule AS rule USING (rank) GROUP BY anchor HAVING arg_min(has_left, rank)
),
named AS (SELECT anchor, any_value(source) AS source FROM outranked WHERE anchor IN (SELECT anchor FROM said_before) GROUP BY anchor)
SELECT gone.anchor, gone.source, coalesce(named.source, '') AS outranked, gone._life
FROM gone JOIN merged ON merged.anchor = gone.anchor LEFT JOIN named ON named.anchor = gone.anchor
WHERE merged.state IS NULL
    -- A start after the end is another employment.
    OR (named.anchor IS NOT NULL AND NOT coalesce(merged._starts > coalesce(gone._life.ended, try_cast(gone.since[:10] AS DATE)), false));

-- last_leavers --
-- How many there are by source and the source that states otherwise, with the first three.
SELECT source, outranked, list(anchor ORDER BY anchor)[1:3] AS first, count(*) AS total FROM last_leaver GROUP BY source, outranked ORDER BY source, outranked;
