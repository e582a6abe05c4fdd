-- anchors_of_one_person --
-- The anchors of which a link moved to or from one of some anchors, or away from one of some accounts, because both are of one person.
WITH moved AS (
    SELECT gone.anchor AS was, gone.target, gone.account, kept.anchor AS now
    FROM entry AS gone
    LEFT JOIN entry AS kept
        ON kept.run = gone.run AND kept.kind = 'link' AND kept.target = gone.target AND kept.account = gone.account AND kept.anchor <> gone.anchor
    WHERE gone.kind = 'unlink' AND gone.anchor <> '' AND instr(gone.detail, gone.anchor || $between) = 1
)
SELECT was FROM moved WHERE now IN (SELECT value FROM json_each($anchors))
UNION SELECT now FROM moved WHERE now IS NOT NULL AND was IN (SELECT value FROM json_each($anchors))
UNION SELECT was FROM moved WHERE now IS NULL AND (target, account) IN (SELECT value ->> 0, value ->> 1 FROM json_each($accounts))
ORDER BY 1;
