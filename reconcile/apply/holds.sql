-- add_hold --
-- Stores a hold.
INSERT INTO hold (anchor, target, account, until, "by", why, made) VALUES ($anchor, $target, $account, $until, $by, $why, $made);

-- release_hold --
-- Ends the holds on one person or account.
UPDATE hold SET released = $released WHERE anchor = $anchor AND target = $target AND account = $account AND released = '';

-- holds_on --
-- The holds that are in force on a day.
SELECT anchor, target, account, until, "by", why, made FROM hold WHERE released = '' AND until >= $day ORDER BY sequence;
