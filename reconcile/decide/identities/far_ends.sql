-- far_ends --
-- The rows that state in words that their person left, and as the end a date of more than a year ahead, by which they work.
SELECT judged.source, judged.anchor, judged.status, strftime(judged.ended, '%Y-%m-%d') AS ended
FROM judged JOIN lifecycle_rule AS rule ON rule.rank = judged._rank
WHERE judged.ended > CAST($run_date AS DATE) + INTERVAL 1 YEAR AND judged.problem IS NULL AND judged.doubt IS NULL
    AND list_contains(rule.terminated, judged.status)
ORDER BY judged.source, judged.anchor, judged._record_id;
