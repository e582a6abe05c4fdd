-- forget_entries_of --
-- Takes a person out of the entries about them, or about one of their accounts; that there was an entry stays.
UPDATE entry SET anchor = '', account = '', detail = 'forgotten'
WHERE (anchor <> '' AND anchor = $anchor) OR (account <> '' AND target = $target AND account = $account);

-- forget_entries_that_say --
-- Takes the detail out of entries about others that names them. Details of the other kinds are verbs, rules and groups, of which others' access is made up.
UPDATE entry SET detail = 'forgotten'
WHERE kind IN ('outcome', 'link', 'unlink', 'taught') AND detail <> 'forgotten' AND instr(casefolded(detail), casefolded($text)) > 0;

-- forget_holds --
-- Removes the holds on them.
DELETE FROM hold
WHERE (anchor <> '' AND anchor = $anchor) OR (account <> '' AND target = $target AND account = $account);

-- forget_rejections --
-- Removes the rejected rows about them.
DELETE FROM rejection
WHERE (anchor <> '' AND anchor = $anchor) OR (account <> '' AND target = $target AND account = $account);

-- forget_hold_reasons --
-- Removes reasons that name them.
UPDATE hold SET why = 'forgotten' WHERE instr(casefolded(why), casefolded($text)) > 0;

-- forget_rejection_reasons --
-- Removes reasons that name them.
UPDATE rejection SET why = 'forgotten' WHERE instr(casefolded(why), casefolded($text)) > 0;

-- forget_approval_reasons --
-- Removes reasons that name them.
UPDATE approval SET why = 'forgotten' WHERE instr(casefolded(why), casefolded($text)) > 0;

-- forget_override_reasons --
-- Removes reasons that name them.
UPDATE override SET why = 'forgotten' WHERE instr(casefolded(why), casefolded($text)) > 0;

-- count_of_changes --
-- How many rows this connection has changed.
SELECT total_changes();

-- let_audit_facts_go --
-- Lets the facts of entries be removed, until the trigger is there again.
DROP TRIGGER audit_is_not_changed;

-- forget_audit_facts --
-- Removes the facts of one entry; its hash stays.
UPDATE audit SET facts = $facts WHERE sequence = $sequence;

-- overwrite_what_is_removed --
-- Has removed rows overwritten.
PRAGMA secure_delete = ON;

-- rewrite_journal --
-- Writes the file anew, without what was removed.
VACUUM;

-- empty_journal_log --
-- Writes everything from the log of SQLite into the file, and empties the log.
PRAGMA wal_checkpoint(TRUNCATE);
