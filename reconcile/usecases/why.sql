-- person_waits --
-- What one person waits for.
SELECT source, why FROM waiting_for WHERE anchor = $anchor ORDER BY source, why;

-- has_identities --
-- Whether the people of the sources were gathered in this connection.
SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = 'merged_identity' AND database_name = current_database();

-- person_rows --
-- The rows that say something of one person, in order of precedence, with why one cannot be used, and their cells as they were read.
SELECT judged.source, judged._record_id, record.attributes, unusable.problem, coalesce(unusable.stated, '') AS stated,
    coalesce(unusable.others, []) AS others, coalesce(unusable.total, 0) AS total
FROM known JOIN judged ON judged._rank = known._rank AND judged._record_id = known._record_id
LEFT JOIN row_problem AS unusable ON unusable._rank = known._rank AND unusable._record_id = known._record_id
LEFT JOIN store.record_version AS record
    ON record.system = judged.source AND record.id = judged._record_id AND record.valid_to IS NULL
WHERE known.anchor = $anchor
ORDER BY known._place;

-- person_values --
-- What those rows state, one text column an identity attribute.
SELECT * FROM known WHERE anchor = $anchor ORDER BY _place;

-- last_seen --
-- The last version of the rows of people who are gone: rows of a source whose id is the anchor of a remembered pair.
SELECT version.system, version.id, snapshot.taken_at
FROM store.record_version AS version JOIN store.snapshot AS snapshot ON snapshot.system = version.system AND snapshot.number = version.valid_to
WHERE version.id = $anchor AND version.system IN (SELECT source FROM lifecycle_rule) AND NOT EXISTS (
    SELECT 1 FROM store.record_version AS now WHERE now.system = version.system AND now.id = version.id AND now.valid_to IS NULL
)
ORDER BY version.valid_to DESC, version.system LIMIT 1;

-- person_situation --
-- One person in the target.
SELECT situation.situation, eligibility.expected, eligibility.state, coalesce(situation.account_id, '') AS account_id, situation.rank, eligibility.undecided,
    doubt.kind, doubt.account, doubt.attribute, doubt.value, doubt.against, doubt.stated, doubt.gone, doubt.others, doubt.total
FROM identity_situation AS situation JOIN eligibility USING (anchor) LEFT JOIN doubt ON doubt.anchor = situation.anchor
WHERE situation.anchor = $anchor;

-- person_link --
-- The remembered pair of one person in one target, how it came about, and in which run.
SELECT account_id, run, because FROM store.link
WHERE target = $target AND (anchor = $anchor OR anchor IN (SELECT anchor FROM alias WHERE identity = $anchor))
ORDER BY anchor <> $anchor, anchor;

-- counted_link --
-- The pair that counts for one person in the target; without a run where only a decision makes it.
SELECT link.account_id, coalesce(stored.run, '') AS run, coalesce(stored.because, '') AS because
FROM link
LEFT JOIN remembered ON remembered.anchor = link.anchor AND remembered.account_id = link.account_id
LEFT JOIN store.link AS stored ON stored.target = $target AND stored.anchor = remembered.remembered_as AND stored.account_id = link.account_id
WHERE link.anchor = $anchor
ORDER BY remembered.remembered_as <> link.anchor, remembered.remembered_as;

-- account_now --
-- One account of a target as it was read.
SELECT state, status, attributes FROM store.record_version WHERE system = $target AND id = $account_id AND valid_to IS NULL;

-- person_desired --
-- What one person's account should hold, in the order of the mapping's attributes.
SELECT values FROM desired WHERE anchor = $anchor;

-- account_held --
-- What one account holds, in the same order.
SELECT values FROM account WHERE account_id = $account_id;

-- person_memberships --
-- What one account holds and what rules grant its person: each entitlement with the rules, with how it is held, and with the run in which this job gave it.
WITH held AS (
    SELECT entitlement_id, bool_or(via = '') AS direct, list(DISTINCT via ORDER BY via) FILTER (WHERE via <> '') AS via
    FROM store.membership_version
    WHERE system = $target AND account_id = $account_id AND valid_to IS NULL GROUP BY entitlement_id
    UNION ALL
    SELECT entitlement_id, true, NULL FROM role_held WHERE account_id = $account_id
),
granting AS (
    SELECT entitlement_id, list(DISTINCT rule ORDER BY rule) AS rules FROM grant_row WHERE anchor = $anchor GROUP BY entitlement_id
)
SELECT
    entitlement.id, entitlement.kind, entitlement.name, entitlement.read_only, held.entitlement_id IS NOT NULL AS held, coalesce(held.direct, false) AS direct,
    coalesce(held.via, []) AS via, coalesce(granting.rules, []) AS rules, coalesce(ours.run, '') AS given_in,
    managed.entitlement_id IS NOT NULL AS fully_managed, frozen.entitlement_id IS NOT NULL AS frozen,
    -- As `make_membership_changes` leaves a removal out.
    (
        SELECT coalesce(list(DISTINCT rule ORDER BY rule), []) FROM unevaluated_rule
        WHERE (unevaluated_rule.anchor IS NULL OR unevaluated_rule.anchor = $anchor)
            AND (list_contains(string_split(ours.rules, ', '), unevaluated_rule.rule) OR (managed.entitlement_id IS NOT NULL AND (
                unevaluated_rule.entitlement_id = entitlement.id OR (unevaluated_rule.entitlement_id IS NULL AND entitlement.kind = 'group'))))
    ) AS unevaluated,
    entitlement.id IN (SELECT entitlement_id FROM undecided_grant WHERE anchor = $anchor) AS undecided
FROM entitlement
LEFT JOIN held ON held.entitlement_id = entitlement.id
LEFT JOIN granting ON granting.entitlement_id = entitlement.id
LEFT JOIN store.granted AS ours ON ours.target = $target AND ours.account_id = $account_id AND ours.entitlement_id = entitlement.id
LEFT JOIN fully_managed AS managed ON managed.entitlement_id = entitlement.id
LEFT JOIN frozen_group AS frozen ON frozen.entitlement_id = entitlement.id
WHERE held.entitlement_id IS NOT NULL OR granting.entitlement_id IS NOT NULL
ORDER BY entitlement.name, entitlement.id;

-- last_said_by --
-- The source whose last row of a person, which is gone, says that they left, and the source that states otherwise.
SELECT source, outranked FROM last_leaver WHERE anchor = $anchor;
