-- anybody_is_unstated --
-- Whether there are people of whom no source says whether they work.
SELECT count(*) > 0 FROM merged WHERE state IS NULL;

-- make_last_stated --
-- What a source last said of people of whom no source says whether they work, where it has no row of theirs any more.
--   anchor    VARCHAR
--   rank      BIGINT
--   has_left  BOOLEAN
--   _life     STRUCT(status VARCHAR, started DATE, ended DATE)
CREATE TABLE last_stated (anchor VARCHAR, rank BIGINT, has_left BOOLEAN, _life STRUCT(status VARCHAR, started DATE, ended DATE));

-- last_rows --
-- The last version of each row of one source that is gone.
WITH gone AS (
    SELECT * FROM store.record_version
    WHERE system = $system AND valid_to IS NOT NULL
        AND id NOT IN (SELECT id FROM store.record_version WHERE system = $system AND valid_to IS NULL)
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY valid_to DESC) = 1
)
SELECT
    valid_to AS _valid_to, CAST($run_date AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM gone;

-- add_last_stated --
-- What the rows of one source say at the clock. Of several rows of a person those count that were there last, and one that does not end outweighs the others.
INSERT INTO last_stated
WITH read AS (
    SELECT coalesce(alias.identity, mapped.anchor) AS anchor, mapped._valid_to, mapped.run_date, rule.*,
        lower(trim(coalesce(_status, ''))) AS word, day_of(_start) AS started, day_of(_end) AS end_date
    FROM last_mapped AS mapped JOIN lifecycle_rule AS rule ON rule.rank = $rank LEFT JOIN alias ON alias.anchor = mapped.anchor
),
dated AS (
    SELECT *, CASE WHEN end_date < started THEN NULL ELSE end_date END AS ended
    FROM read WHERE anchor IN (SELECT anchor FROM merged WHERE state IS NULL)
    QUALIFY _valid_to = max(_valid_to) OVER (PARTITION BY anchor)
)
SELECT anchor, $rank, bool_and(has_left(word, ended, terminated, end_is, run_date)),
    any_value({'status': CASE WHEN has_status AND NOT list_contains(active, word) THEN word END, 'started': started, 'ended': ended} ORDER BY ended DESC NULLS LAST, started, word)
FROM dated GROUP BY anchor;

-- make_last_leavers --
-- Those who left, as the first source by precedence said that ever held a row of theirs.
--   anchor  VARCHAR  key
--   source  VARCHAR
--   _life   STRUCT(status VARCHAR, started DATE, ended DATE)
CREATE TABLE last_leaver AS
SELECT anchor, arg_min(rule.source, rank) AS source, arg_min(_life, rank) AS _life
FROM last_stated JOIN lifecycle_rule AS rule USING (rank) GROUP BY anchor HAVING arg_min(has_left, rank);

-- last_leavers --
-- How many there are by source, with the first three.
SELECT source, list(anchor ORDER BY anchor)[1:3] AS first, count(*) AS total FROM last_leaver GROUP BY source ORDER BY source;
