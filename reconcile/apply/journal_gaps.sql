-- unanswered_intents --
-- The operations of a run that have an intent and no outcome, with the moment of the first intent.
SELECT operation, target, anchor, account, entitlement, detail, min(at)
FROM entry
WHERE run = $run AND kind = 'intent' AND operation NOT IN (SELECT operation FROM entry WHERE run = $run AND kind = 'outcome')
GROUP BY operation
ORDER BY min(sequence);
