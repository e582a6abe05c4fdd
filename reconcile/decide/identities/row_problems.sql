-- make_doubted_anchors --
-- The anchors that state a person key which cannot be believed: their rows are merged with those of nobody else. `others`: the first of the other anchors that state it, of `total`.
--   anchor   VARCHAR    key
--   problem  VARCHAR
--   person   VARCHAR
--   others   VARCHAR[]
--   total    BIGINT
CREATE TABLE doubted_anchor AS
WITH mine AS (
    SELECT person_key.anchor, bool_or(several_keys) AS several_keys, min(person) AS person
    FROM person_key JOIN doubted_key USING (person) GROUP BY person_key.anchor
),
stating AS (
    SELECT person, list(anchor ORDER BY anchor)[1:4] AS first, count(*) AS anchors
    FROM person_key WHERE person IN (SELECT person FROM mine) GROUP BY person
)
SELECT mine.anchor,
    CASE WHEN mine.several_keys THEN 'several_keys' WHEN doubted.contradicted THEN 'contradicted_key' ELSE 'shared_key' END AS problem,
    mine.person, list_filter(stating.first, lambda one: one <> mine.anchor)[1:3] AS others, stating.anchors - 1 AS total
FROM mine JOIN doubted_key AS doubted USING (person) JOIN stating USING (person);

-- make_row_problems --
-- The rows that cannot be used, each with what it states that is the reason.
--   _rank       BIGINT     key
--   _record_id  VARCHAR    key
--   source      VARCHAR
--   anchor      VARCHAR
--   problem     VARCHAR
--   stated      VARCHAR
--   others      VARCHAR[]
--   total       BIGINT
CREATE TABLE row_problem AS
WITH unusable AS MATERIALIZED (
    SELECT judged._rank, judged._record_id, judged.source, judged.anchor, judged.problem AS own, doubted.problem AS by_key,
        doubted.person, doubted.others, doubted.total
    FROM judged LEFT JOIN doubted_anchor AS doubted ON doubted.anchor = judged.anchor
    WHERE judged.problem IS NOT NULL OR doubted.problem IS NOT NULL
)
SELECT unusable._rank, unusable._record_id, unusable.source, unusable.anchor, coalesce(own, by_key) AS problem,
    CASE
        WHEN own IS NULL THEN unusable.person
        WHEN own = 'status' THEN lower(trim(coalesce(mapped._status, '')))
        WHEN own = 'start_date' THEN trim(mapped._start)
        WHEN own = 'end_date' THEN trim(mapped._end)
    END AS stated,
    coalesce(unusable.others, []) AS others, coalesce(unusable.total, 0) AS total
FROM unusable JOIN mapped ON mapped._rank = unusable._rank AND mapped._record_id = unusable._record_id;

-- row_problems --
-- The same, to be read.
SELECT source, coalesce(anchor, '') AS anchor, _record_id AS record, problem, coalesce(stated, '') AS stated, others, total
FROM row_problem ORDER BY source, anchor, record, problem, stated, _rank;
