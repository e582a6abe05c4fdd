-- facts_after --
-- What entries after one say of links, memberships, accounts and names; neither those of a person who was forgotten, nor lessons that named one.
SELECT sequence, kind, run, target, anchor, account, entitlement, detail, at
FROM entry
WHERE sequence > $sequence AND kind NOT IN ('intent', 'outcome')
    AND NOT (detail = 'forgotten' AND (kind = 'taught' OR (anchor = '' AND account = '')))
ORDER BY sequence
LIMIT $most;

-- mark_of_entry --
-- What tells an entry from one of the same number in another journal.
SELECT run, kind, operation, at FROM entry WHERE sequence = $sequence;
