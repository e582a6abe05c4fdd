-- needed_plans --
-- The plans that must stay: of an unfinished run, of the newest runs, the newest of each purpose, those made or run since a moment, and those that somebody let pass or approved until later than now.
SELECT plan FROM run WHERE ended = '' OR started >= $since OR ended >= $since
UNION
SELECT plan FROM (SELECT plan FROM run ORDER BY rowid DESC LIMIT $runs)
UNION
SELECT digest FROM plan WHERE at >= $since OR sequence IN (SELECT max(sequence) FROM plan GROUP BY purpose)
UNION
SELECT plan FROM override WHERE until > $now
UNION
SELECT plan FROM approval WHERE until > $now
ORDER BY 1;

-- made_plans --
-- The plans that were made with this journal.
SELECT DISTINCT digest FROM plan ORDER BY digest;
