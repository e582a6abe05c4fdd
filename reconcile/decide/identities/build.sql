-- make_lifecycle_rules --
-- How each source says where a person stands.
--   rank           BIGINT     key
--   source         VARCHAR
--   declared       BOOLEAN
--   active         VARCHAR[]
--   leave          VARCHAR[]
--   terminated     VARCHAR[]
--   has_status     BOOLEAN
--   end_is         VARCHAR
--   lead_days      INTEGER
--   latest_counts  BOOLEAN
CREATE TABLE lifecycle_rule AS
SELECT unnest($rules::STRUCT(
    rank BIGINT, source VARCHAR, declared BOOLEAN, active VARCHAR[], leave VARCHAR[], terminated VARCHAR[],
    has_status BOOLEAN, end_is VARCHAR, lead_days INTEGER, latest_counts BOOLEAN
)[], max_depth := 2);

-- make_doubtful_sources --
-- The sources whose latest read cannot show who is gone; of an untrusted one nothing counts but what its last good read held.
--   source     VARCHAR  key
--   untrusted  BOOLEAN
CREATE TABLE doubtful_source AS
SELECT rule.source, bool_or(NOT coalesce(scope.partial, false)) AS untrusted
FROM (SELECT DISTINCT source FROM lifecycle_rule) AS rule
JOIN store.scope_read AS scope ON scope.system = rule.source
WHERE scope.kind IN ('file', 'accounts') AND NOT scope.complete
    AND scope.number = (SELECT max(number) FROM store.snapshot WHERE system = rule.source)
GROUP BY rule.source;

-- judge_rows --
-- Where each source row that counts says its person stands at the clock, or why the row cannot be used.
--   _rank       BIGINT   key
--   _record_id  VARCHAR  key
--   anchor      VARCHAR
--   source      VARCHAR
--   person      VARCHAR
--   start_date  DATE
--   status      VARCHAR
--   ended       DATE
--   state       VARCHAR
--   problem     VARCHAR
--   doubt       VARCHAR
CREATE TABLE judged AS
WITH read AS (
    SELECT
        _rank, _record_id, anchor, run_date, rule.*,
        EXISTS (
            SELECT 1 FROM store.quarantined AS unread
            WHERE unread.system = rule.source AND unread.id = mapped._record_id
                AND unread.number = (SELECT max(number) FROM store.snapshot WHERE system = rule.source)
        ) AS unread,
        CASE
            WHEN rule.source IN (SELECT source FROM doubtful_source WHERE untrusted) THEN 'untrusted'
            WHEN EXISTS (SELECT 1 FROM store.unseen WHERE unseen.system = rule.source AND unseen.id = mapped._record_id) THEN 'unseen'
        END AS doubt,
        trim(coalesce(_person, '')) AS person,
        lower(trim(coalesce(_status, ''))) AS word,
        nullif(trim(coalesce(_start, '')), '') AS start_text,
        nullif(trim(coalesce(_end, '')), '') AS end_text,
        day_of(_start) AS start_date,
        day_of(_end) AS end_date
    FROM mapped JOIN lifecycle_rule AS rule ON rule.rank = mapped._rank
),
dated AS (
    SELECT *,
        -- An end before the latest start belongs to an earlier employment: some systems keep it after a rehire.
        CASE WHEN end_date < start_date THEN NULL ELSE end_date END AS ended,
        start_date - lead_days > run_date AS not_started
    FROM read
),
several AS (SELECT _rank, anchor FROM mapped GROUP BY ALL HAVING count(*) > 1),
stated AS (
    SELECT
        _rank, _record_id, anchor, source, person, start_date, ended, latest_counts, doubt,
        CASE WHEN has_status AND NOT list_contains(active, word) THEN word END AS status,
        CASE
            WHEN NOT declared THEN NULL
            WHEN has_left(word, ended, terminated, end_is, run_date) THEN 'terminated'
            WHEN not_started THEN 'future'
            WHEN list_contains(leave, word) THEN 'leave'
            ELSE 'active'
        END AS state,
        CASE
            WHEN unread AND doubt IS DISTINCT FROM 'untrusted' THEN 'unread'
            WHEN anchor IS NULL OR trim(anchor) = '' THEN 'no_anchor'
            WHEN has_status AND NOT list_contains(list_concat(active, list_concat(leave, terminated)), word) THEN 'status'
            WHEN start_text IS NOT NULL AND start_date IS NULL THEN 'start_date'
            WHEN end_text IS NOT NULL AND end_date IS NULL THEN 'end_date'
        END AS problem,
        (_rank, anchor) IN (SELECT (_rank, anchor) FROM several) AS has_several
    FROM dated
),
repeated AS (
    SELECT *, bool_or(problem IS NOT NULL) OVER (PARTITION BY _rank, anchor) AS troubled,
        max(doubt) OVER (PARTITION BY _rank, anchor) AS doubt_of_any
    FROM stated WHERE has_several AND trim(coalesce(anchor, '')) <> ''
),
compared AS (
    SELECT
        _rank, _record_id, doubt_of_any,
        latest_counts AND NOT troubled AS told_apart,
        rank() OVER (PARTITION BY _rank, anchor ORDER BY standing_of(state), start_date DESC NULLS LAST) AS position,
        count(*) OVER (PARTITION BY _rank, anchor, standing_of(state), start_date) AS equals
    FROM repeated
)
SELECT
    stated._rank, stated._record_id, anchor, source, person, start_date, status, ended, state,
    coalesce(problem, CASE WHEN told_apart AND equals > 1 THEN 'same_start' WHEN NOT told_apart THEN 'same_anchor' END) AS problem,
    coalesce(doubt, doubt_of_any) AS doubt
FROM stated LEFT JOIN compared ON compared._rank = stated._rank AND compared._record_id = stated._record_id
WHERE NOT coalesce(told_apart AND position > 1, false);

-- make_standing_of --
-- Which of several rows of one person counts most: one of who is there, before one of who will come, before one of who has left.
CREATE OR REPLACE MACRO standing_of(state) AS CASE state WHEN 'terminated' THEN 3 WHEN 'future' THEN 2 ELSE 1 END;

-- make_day_of --
-- The day that a text states. `3/4/26` and `31-12-26` would be read as days of the years 3 and 31, and the years to 1900 stand for "no date".
CREATE OR REPLACE MACRO day_of(stated) AS CASE WHEN try_cast(stated AS DATE) >= DATE '1901-01-01' THEN try_cast(stated AS DATE) END;

-- make_has_left --
-- Whether a status word and an end date say that a person has left by a day.
CREATE OR REPLACE MACRO has_left(word, ended, terminated, end_is, day) AS CASE
    WHEN list_contains(terminated, word) AND (ended IS NULL OR ended <= day) THEN true
    WHEN ended < day OR (end_is = 'first_day_gone' AND ended <= day) THEN true
    ELSE false
END;

-- make_excluded_rows --
-- Whom rows are about that a source's `where` excludes and that may not hold any more, with why.
--   anchor  VARCHAR
--   source  VARCHAR
--   why     VARCHAR
CREATE TABLE excluded_row (anchor VARCHAR, source VARCHAR, why VARCHAR);

-- rows_in_doubt --
-- The rows of one source that may not hold any more, as far as they are known from an earlier read.
WITH unread AS (
    SELECT id FROM store.quarantined
    WHERE system = $system AND number = (SELECT max(number) FROM store.snapshot WHERE system = $system)
),
doubted AS (
    SELECT *, CASE
        WHEN system IN (SELECT source FROM doubtful_source WHERE untrusted) THEN 'untrusted'
        WHEN id IN (SELECT unseen.id FROM store.unseen WHERE unseen.system = $system) THEN 'unseen'
        WHEN id IN (FROM unread) THEN 'row'
    END AS _doubt
    FROM store.record_version
    WHERE system = $system AND valid_to IS NULL
)
SELECT
    _doubt, CAST($run_date AS DATE) AS run_date, id AS record_id, state AS record_state, status AS record_status,
    unnest(json_transform(attributes, $shape))
FROM doubted WHERE _doubt IS NOT NULL;

-- add_excluded_rows --
-- Those of one source.
INSERT INTO excluded_row SELECT DISTINCT anchor, $source, _doubt FROM excluded WHERE trim(coalesce(anchor, '')) <> '';

-- make_person_keys --
-- The person keys that several anchors share, and those of an anchor that states several.
--   person        VARCHAR  key
--   anchor        VARCHAR  key
--   several_keys  BOOLEAN
CREATE TABLE person_key AS
WITH each AS (SELECT DISTINCT person, anchor FROM judged WHERE person <> '' AND trim(coalesce(anchor, '')) <> '')
SELECT person, anchor, anchor IN (SELECT anchor FROM each GROUP BY anchor HAVING count(*) > 1) AS several_keys
FROM each
WHERE person IN (SELECT person FROM each GROUP BY person HAVING count(*) > 1)
    OR anchor IN (SELECT anchor FROM each GROUP BY anchor HAVING count(*) > 1);

-- make_doubted_keys --
-- The person keys that cannot be believed: an anchor states another one, too, or two anchors of one source have not left.
--   person        VARCHAR  key
--   contradicted  BOOLEAN
CREATE TABLE doubted_key AS
SELECT person, true AS contradicted FROM person_key GROUP BY person HAVING bool_or(several_keys)
UNION ALL
SELECT DISTINCT person, false AS contradicted FROM (
    SELECT key.person FROM judged JOIN person_key AS key ON key.person = judged.person AND key.anchor = judged.anchor
    WHERE standing_of(judged.state) < 3 GROUP BY key.person, judged._rank HAVING count(DISTINCT judged.anchor) > 1
) WHERE person NOT IN (SELECT person FROM person_key WHERE several_keys);

-- make_aliases --
-- Anchors that are one person by a believed key, each with the person's: the anchor that counts most.
--   anchor    VARCHAR  key
--   standing  INTEGER
--   identity  VARCHAR
CREATE TABLE alias AS
WITH standing AS (
    SELECT key.person, key.anchor, standing_of(arg_min(judged.state, judged._rank)) AS standing, min(judged._rank) AS rank, max(judged.start_date) AS start_date
    FROM person_key AS key JOIN judged ON judged.anchor = key.anchor
    WHERE key.person NOT IN (SELECT person FROM doubted_key)
    GROUP BY key.person, key.anchor
)
SELECT anchor, standing, first_value(anchor) OVER (PARTITION BY person ORDER BY standing, rank, start_date DESC NULLS LAST, anchor) AS identity
FROM standing;

-- make_known --
-- The mapped rows that say who they are about, under the anchor of the person. Unusable ones are among them: who is held back must still be recognised.
--   _rank       BIGINT
--   _record_id  VARCHAR
--   anchor      VARCHAR
--   state       VARCHAR
--   _starts     DATE
--   _life       STRUCT(status VARCHAR, started DATE, ended DATE)
--   ...
CREATE VIEW known AS
SELECT
    mapped.* EXCLUDE (_person, _status, _start, _end, run_date) REPLACE (coalesce(alias.identity, mapped.anchor) AS anchor),
    judged.state, judged.start_date AS _starts,
    -- A source that declares no lifecycle states none.
    CASE WHEN judged.state IS NOT NULL THEN {'status': judged.status, 'started': judged.start_date, 'ended': judged.ended} END AS _life,
    -- What the row of who has left states only fills in what the others do not.
    row(coalesce(alias.standing, 0), mapped._rank, coalesce(alias.anchor <> alias.identity, false), mapped.anchor, mapped._record_id) AS _place
FROM mapped
JOIN judged ON judged._rank = mapped._rank AND judged._record_id = mapped._record_id
LEFT JOIN alias ON alias.anchor = mapped.anchor
WHERE trim(coalesce(mapped.anchor, '')) <> '';

-- make_several_rows --
-- The people whom several rows describe. Most have one, with nothing to merge.
--   anchor  VARCHAR  key
CREATE TABLE several_rows AS
SELECT coalesce(alias.identity, judged.anchor) AS anchor
FROM judged LEFT JOIN alias ON alias.anchor = judged.anchor
WHERE trim(coalesce(judged.anchor, '')) <> ''
GROUP BY ALL HAVING count(*) > 1;

-- make_waiting_for --
-- What each frozen person waits for: a source, and why it does not say enough about them. One row a person and cause.
--   anchor  VARCHAR  key
--   source  VARCHAR  key
--   why     VARCHAR
CREATE TABLE waiting_for AS
WITH doubted AS (
    SELECT anchor, source, 'row' AS why FROM row_problem WHERE trim(coalesce(anchor, '')) <> ''
    UNION ALL
    SELECT anchor, source, doubt AS why FROM judged WHERE doubt IS NOT NULL AND trim(coalesce(anchor, '')) <> ''
    UNION ALL
    FROM excluded_row
)
-- That a source is in doubt says more than that one row is: the words sort that way.
SELECT coalesce(alias.identity, doubted.anchor) AS anchor, doubted.source, max(doubted.why) AS why
FROM doubted LEFT JOIN alias ON alias.anchor = doubted.anchor
GROUP BY ALL;

-- make_held --
-- The people of whom some row cannot be used, or may not hold any more: they stay as they are.
--   anchor  VARCHAR  key
CREATE TABLE held_anchor AS SELECT DISTINCT anchor FROM waiting_for;

-- make_stated_leavers --
-- The frozen people whom some source states as terminated under their own anchor.
--   anchor  VARCHAR  key
CREATE TABLE stated_leaver AS
SELECT DISTINCT anchor FROM judged WHERE state = 'terminated' AND anchor IN (SELECT anchor FROM held_anchor);

-- make_frozen_identities --
-- The frozen people as identities.
--   anchor    VARCHAR  key
--   _life     STRUCT(status VARCHAR, started DATE, ended DATE)
--   _starts   DATE
--   state     VARCHAR
--   run_date  DATE
--   ...
CREATE TABLE frozen_identity AS SELECT * FROM identity WHERE anchor IN (SELECT anchor FROM held_anchor);

-- make_working_leavers --
-- The frozen people who left, and have an account that works.
--   anchor  VARCHAR
CREATE TABLE working_leaver (anchor VARCHAR);

-- make_merged_identities --
-- The identities as the sources state them: one row each, with the clock.
--   anchor    VARCHAR  key
--   _life     STRUCT(status VARCHAR, started DATE, ended DATE)
--   _starts   DATE
--   state     VARCHAR
--   run_date  DATE
--   ...
CREATE TABLE merged_identity AS
SELECT merged.* EXCLUDE (state) REPLACE (coalesce(last._life, merged._life) AS _life),
    CASE WHEN last.anchor IS NOT NULL THEN 'terminated' ELSE coalesce(state, 'active') END AS state, CAST($run_date AS DATE) AS run_date
FROM merged LEFT JOIN last_leaver AS last ON last.anchor = merged.anchor;
