-- leavers_of_unread_target --
-- Who left and has a linked account that worked when its target was last read.
SELECT coalesce(person.name, '') AS name, person.anchor
FROM leaver_name AS person
JOIN store.link AS link ON link.target = $target AND link.anchor = person.anchor
JOIN store.record_version AS account ON account.system = $target AND account.id = link.account_id AND account.valid_to IS NULL
WHERE person.standing = 'terminated' AND account.state IN ('active', 'unknown')
ORDER BY person.anchor;
